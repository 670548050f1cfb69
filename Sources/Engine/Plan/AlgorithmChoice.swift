import Kernels

extension ConvolutionShape {
    /// The shape of a layer that reads N×C×H×W.
    init(_ convolution: Convolution, input: [Int]) {
        let weights = convolution.weights.shape
        self.init(
            batch: input[0], inputChannels: input[1], height: input[2], width: input[3], outputChannels: weights[0],
            kernelHeight: weights[2], kernelWidth: weights[3], stride: convolution.stride,
            padding: convolution.padding, groups: convolution.groups)
    }
}

/// Which algorithm a convolution takes.
enum AlgorithmChoice {
    /// Whether a convolution can read the network's planar input as it is.
    static func planarInput(_ convolution: Convolution, input: [Int]) -> Bool {
        ConvolutionAlgorithm.direct.supports(ConvolutionShape(convolution, input: input), planarInput: true)
    }

    static func choose(
        _ shape: ConvolutionShape, layer: String, planar: Bool, options: PlanOptions
    ) -> ConvolutionAlgorithm {
        for wish in [options.choices[layer], options.algorithm].compactMap(\.self)
        where wish.supports(shape, planarInput: planar) {
            return wish
        }
        let candidates = ConvolutionAlgorithm.allCases.filter { $0.supports(shape, planarInput: planar) }
        return candidates.min {
            $0.estimatedSeconds(shape, isa: options.isa) < $1.estimatedSeconds(shape, isa: options.isa)
        } ?? .reference
    }
}
