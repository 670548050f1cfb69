import Engine
import Kernels

/// A network as the reverse mode sees it: what every step over it has in common.
package struct TrainingGraph: Sendable {
    package let network: Network
    package let layout: ParameterLayout
    /// Elements of every value for one image; number 0 is the input's.
    let counts: [Int]
    /// For one image.
    let shapes: [[Int]]
    /// Whether a value depends on something that is trained.
    let needsGradient: [Bool]

    /// Throws where the network does not fit images of `inputSize` (height and width).
    package init(_ network: Network, inputSize: [Int]) throws(EngineError) {
        self.network = network
        layout = ParameterLayout(network)
        shapes = try network.shapes(input: [1, network.inputChannels] + inputSize)
        counts = shapes.map { $0.reduce(1, *) }
        var needs = [false]
        let trained = Set(layout.slots.map(\.layer))
        for (index, layer) in network.layers.enumerated() {
            needs.append(trained.contains(index) || layer.inputs.contains { needs[$0] })
        }
        needsGradient = needs
    }

    /// Outputs of the last layer per image.
    package var classes: Int { counts[counts.count - 1] }

    /// A convolution's sizes, for a convolution or linear layer.
    func convolution(_ index: Int) -> ConvolutionGradient? {
        let layer = network.layers[index]
        let input = shapes[layer.inputs[0]]
        switch layer.operation {
        case .convolution(let convolution):
            let weights = convolution.weights.shape
            return ConvolutionGradient(
                ConvolutionShape(
                    batch: 1, inputChannels: input[1], height: input[2], width: input[3], outputChannels: weights[0],
                    kernelHeight: weights[2], kernelWidth: weights[3], stride: convolution.stride,
                    padding: convolution.padding, groups: convolution.groups))
        case .linear(let linear):
            return ConvolutionGradient(
                ConvolutionShape(
                    batch: 1, inputChannels: input[1], height: 1, width: 1, outputChannels: linear.weights.shape[0],
                    kernelHeight: 1, kernelWidth: 1, stride: 1, padding: 0, groups: 1))
        default: return nil
        }
    }

    func pooling(_ index: Int) -> PoolingGradient? {
        let layer = network.layers[index]
        let (input, output) = (shapes[layer.inputs[0]], shapes[index + 1])
        let kind: PoolingGradient.Kind
        switch layer.operation {
        case .maxPool(let size, let stride, let padding): kind = .max(size: size, stride: stride, padding: padding)
        case .globalAveragePool, .adaptiveAveragePool: kind = .average
        default: return nil
        }
        return PoolingGradient(
            kind: kind, height: input[2], width: input[3], outputHeight: output[2], outputWidth: output[3])
    }
}
