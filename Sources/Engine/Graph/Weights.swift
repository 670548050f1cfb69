import Kernels
import Tensors

/// A layer's weights in the form in which they are kept; who runs the layer decides when to decode.
package enum Weights: Sendable {
    case dense(Tensor)
    case quantized(ProductQuantized)

    /// The shape of the dense weights.
    package var shape: [Int] {
        switch self {
        case .dense(let tensor): tensor.shape
        case .quantized(let quantized): quantized.shape
        }
    }

    /// Bytes in memory of weights that are quantized.
    var codeBytes: Int? {
        guard case .quantized(let quantized) = self else { return nil }
        return quantized.byteCount
    }

    /// Bytes in memory.
    package var byteCount: Int {
        switch self {
        case .dense(let tensor): 4 * tensor.count
        case .quantized(let quantized): quantized.byteCount
        }
    }

    /// The weights as float32; decodes where they are quantized.
    package func dense() -> Tensor {
        switch self {
        case .dense(let tensor): tensor
        case .quantized(let quantized): quantized.decoded()
        }
    }
}
