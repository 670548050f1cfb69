/// What one layer does and holds, for an input shape.
package struct LayerCost: Sendable {
    package let name: String
    /// `convolution`, `linear`, `relu`, …
    package let kind: String
    package let inputShape: [Int]
    package let outputShape: [Int]
    /// The shape of the dense weights; empty where there are none.
    package let weightShape: [Int]
    package let stride: Int
    package let groups: Int
    /// Of convolutions and linear layers, over the whole batch.
    package let multiplyAdds: Int
    package let weightBytes: Int
}

extension Network {
    /// The cost of every layer for an input of N×C×H×W, in order.
    package func costs(input: [Int]) throws(EngineError) -> [LayerCost] {
        let shapes = try shapes(input: input)
        return layers.enumerated().map { index, layer in
            let output = shapes[index + 1]
            var (weightShape, stride, groups) = ([Int](), 1, 1)
            switch layer.operation {
            case .convolution(let convolution):
                (weightShape, stride, groups) = (convolution.weights.shape, convolution.stride, convolution.groups)
            case .linear(let linear): weightShape = linear.weights.shape
            default: break
            }
            return LayerCost(
                name: layer.name, kind: layer.operation.kind, inputShape: shapes[layer.inputs[0]], outputShape: output,
                weightShape: weightShape, stride: stride, groups: groups,
                multiplyAdds: weightShape.isEmpty ? 0 : weightShape.dropFirst().reduce(1, *) * output.reduce(1, *),
                weightBytes: layer.operation.parameters.bytes)
        }
    }

    /// Multiply-adds of all convolutions and linear layers for one input of height × width (`inputSize` if nil).
    package func multiplyAdds(inputSize: [Int]? = nil) throws(EngineError) -> Int {
        try costs(input: [1, inputChannels] + (inputSize ?? self.inputSize)).reduce(0) { $0 + $1.multiplyAdds }
    }

    /// Trained numbers as the papers count them: weights, biases, scales and shifts, without running statistics.
    package var parameterCount: Int { all.reduce(0) { $0 + $1.parameters.count } }

    /// Bytes of all parameters and statistics in the form in which they are kept.
    package var weightBytes: Int { all.reduce(0) { $0 + $1.parameters.bytes } }

    /// Bytes that they would take as float32.
    package var denseBytes: Int { all.reduce(0) { $0 + $1.parameters.denseBytes } }

    /// The layers' operations and the decoder's.
    private var all: [Operation] {
        layers.map(\.operation) + (decoder?.layers ?? []).map { Operation.linear($0.linear) }
    }
}

extension Operation {
    package var kind: String {
        switch self {
        case .convolution: "convolution"
        case .linear: "linear"
        case .batchNorm: "batch norm"
        case .relu: "relu"
        case .sigmoid: "sigmoid"
        case .add: "add"
        case .multiply: "multiply"
        case .scale: "scale"
        case .concatenate: "concatenate"
        case .maxPool: "max pool"
        case .globalAveragePool: "global average pool"
        case .adaptiveAveragePool: "adaptive average pool"
        case .flatten: "flatten"
        }
    }

    fileprivate var parameters: (count: Int, bytes: Int, denseBytes: Int) {
        switch self {
        case .convolution(let convolution): sizes(convolution.weights, biases: convolution.bias?.count ?? 0)
        case .linear(let linear): sizes(linear.weights, biases: linear.bias?.count ?? 0)
        case .batchNorm(let norm): (2 * norm.weight.count, 16 * norm.weight.count, 16 * norm.weight.count)
        default: (0, 0, 0)
        }
    }

    private func sizes(_ weights: Weights, biases: Int) -> (count: Int, bytes: Int, denseBytes: Int) {
        let count = weights.shape.reduce(1, *) + biases
        return (count, weights.byteCount + 4 * biases, 4 * count)
    }
}
