import Kernels

/// How a network is to be run.
package struct PlanOptions: Sendable {
    package var threads: Int
    package var isa: ISA
    /// Takes this algorithm for every convolution that it can run.
    package var algorithm: ConvolutionAlgorithm?
    /// The algorithm of single layers, by layer name: what a tuning found, or a repeated run asks for.
    package var choices: [String: ConvolutionAlgorithm]
    /// Keeps no weights larger than they are stored.
    package var lowMemory = false

    package init(
        threads: Int = 1, isa: ISA = .best, algorithm: ConvolutionAlgorithm? = nil,
        choices: [String: ConvolutionAlgorithm] = [:]
    ) {
        self.threads = threads
        self.isa = isa
        self.algorithm = algorithm
        self.choices = choices
    }
}

/// What a plan decided about one layer, and what that costs.
package struct LayerReport: Sendable, Codable {
    package let name: String
    /// `convolution`, `linear`, `max pool`, ….
    package let kind: String
    /// Of convolutions and linear layers.
    package let algorithm: String?
    package let outputShape: [Int]
    /// Multiply-adds of the direct method.
    package let multiplyAdds: Int
    /// Bytes of weights as the plan keeps them (packed or transformed).
    package let weightBytes: Int
    /// Bytes of activations read and written.
    package let activationBytes: Int
    /// What each algorithm that could compute it must do at least; empty where that is not counted.
    package var work: [LayerWork] = []

    private enum CodingKeys: String, CodingKey {
        case name, kind, algorithm, outputShape, multiplyAdds, weightBytes, activationBytes
    }
}
