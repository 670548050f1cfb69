import Kernels
import Tensors

/// A per-channel `x · scale + shift`, in double precision so that folding rounds only once.
struct Affine {
    var scale: [Double]
    var shift: [Double]

    init(_ norm: BatchNorm) {
        let scale = norm.weight.floats.indices.map {
            Double(norm.weight.floats[$0]) / (Double(norm.variance.floats[$0]) + Double(norm.epsilon)).squareRoot()
        }
        self.scale = scale
        shift = scale.indices.map { Double(norm.bias.floats[$0]) - Double(norm.mean.floats[$0]) * scale[$0] }
    }

    init(factor: Float, channels: Int) {
        scale = Array(repeating: Double(factor), count: channels)
        shift = Array(repeating: 0, count: channels)
    }

    /// The bias of a layer with this affine map after it.
    func bias(after bias: Tensor?) -> Tensor {
        Tensor(shape: [shift.count], shift.indices.map { Float(shift[$0] + Double(bias?.floats[$0] ?? 0) * scale[$0]) })
    }
}

extension Weights {
    /// Each output's weights times its factor; quantized weights stay so.
    func scalingRows(by scale: [Double]) -> Weights {
        switch self {
        case .dense(let tensor):
            let columns = tensor.count / scale.count
            let source = tensor.floats
            return .dense(
                Tensor(shape: tensor.shape) { target in
                    for (row, factor) in scale.enumerated() {
                        for i in row * columns..<(row + 1) * columns { target[i] = Float(Double(source[i]) * factor) }
                    }
                })
        case .quantized(let quantized):
            let factors = scale.enumerated().map { Float($1 * Double(quantized.rowScales?.floats[$0] ?? 1)) }
            return .quantized(
                ProductQuantized(
                    shape: quantized.shape, codes: quantized.codes, codebook: quantized.codebook,
                    rowScales: Tensor(shape: [factors.count], factors)))
        }
    }
}

extension Network {
    /// Folds each batch norm or scale into the convolution or linear layer before it where nothing else reads that layer:
    /// W' = W · t and b' = β + (b − mean) · t with t = γ / √(variance + ε).
    package func foldingBatchNorms() -> Network {
        rewriting { layer, rewriter in
            guard var producer = rewriter.soleProducer(of: layer.inputs[0]) else { return nil }
            let affine: Affine
            switch (layer.operation, producer.operation) {
            case (.batchNorm(let norm), _): affine = Affine(norm)
            case (.scale(let factor), .convolution(let convolution)):
                affine = Affine(factor: factor, channels: convolution.weights.shape[0])
            default: return nil
            }
            switch producer.operation {
            case .convolution(var convolution) where convolution.activation == .none && producer.inputs.count == 1:
                convolution.weights = convolution.weights.scalingRows(by: affine.scale)
                convolution.bias = affine.bias(after: convolution.bias)
                producer.operation = .convolution(convolution)
            case .linear(var linear) where linear.activation == .none:
                linear.weights = linear.weights.scalingRows(by: affine.scale)
                linear.bias = affine.bias(after: linear.bias)
                producer.operation = .linear(linear)
            default: return nil
            }
            return producer
        }
    }
}
