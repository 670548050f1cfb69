import Engine
import Tensors

/// How the weights of one layer are cut and coded: each row of the [outputs, inputs · kernel] matrix in subvectors of d
/// adjacent elements, each of them one of k codewords.
package struct LayerLayout: Sendable, Equatable {
    /// Index in the network's layers, and its name.
    package let layer: Int
    package let name: String
    /// Of the dense weights.
    package let shape: [Int]
    package let d: Int
    package let k: Int
    /// Whether a half-precision factor per output is kept too.
    package let hasRowScales: Bool

    package var rows: Int { shape[0] }
    package var columns: Int { shape.dropFirst().reduce(1, *) }
    package var subvectors: Int { rows * columns / d }

    /// Multiply-adds of one step of the quantizer.
    var work: Int { subvectors * k * d }

    /// The paper's count of what the weights take: ⌈log₂ k⌉ bits per code, and half-precision codewords.
    package var bits: Int { subvectors * Bits.of(codewords: k) + 16 * (k * d + (hasRowScales ? rows : 0)) }
}

package enum Bits {
    /// The bits of a code for k codewords.
    package static func of(codewords k: Int) -> Int { k <= 1 ? 0 : Int.bitWidth - (k - 1).leadingZeroBitCount }
}

extension Network {
    /// The layers that become codes, in order. Where the settings do not fit a layer they give way: an odd number of
    /// input channels has small blocks, d shrinks to the next divisor of a row, and k to the largest power of two that
    /// is at most a quarter of the subvectors (the paper's cap); a layer with fewer than eight subvectors stays dense.
    package func layouts(_ settings: CompressionSettings) throws(CompressionError) -> [LayerLayout] {
        try settings.validate()
        let kept = try keptLayers(settings)
        guard settings.isProduct else { return [] }
        return layers.enumerated().compactMap { index, layer in
            guard !kept.contains(index), let weights = layer.operation.weights, case .dense = weights else {
                return nil
            }
            let shape = weights.shape
            let columns = shape.dropFirst().reduce(1, *)
            let wanted: Int
            switch layer.operation {
            case .linear: wanted = settings.linearD
            default:
                let taps = shape[2] * shape[3]
                wanted =
                    taps == 1 ? settings.pointwiseD : settings.blocks == .large && shape[1] % 2 == 0 ? 2 * taps : taps
            }
            let d = (1...min(wanted, columns)).last { columns % $0 == 0 } ?? 1
            let isLinear = shape.count == 2
            let k = min(isLinear ? settings.linearK ?? settings.k : settings.k, Self.cap(shape[0] * columns / d))
            return k < 2
                ? nil
                : LayerLayout(
                    layer: index, name: layer.name, shape: shape, d: d, k: k, hasRowScales: settings.scalesRows)
        }
    }

    /// The largest power of two that is at most a quarter of the subvectors; 0 where there is none.
    private static func cap(_ subvectors: Int) -> Int {
        subvectors < 4 ? 0 : 1 << (Int.bitWidth - 1 - (subvectors / 4).leadingZeroBitCount)
    }

    /// Indices of the layers with weights that the settings leave as they are: those that they name, and, before product
    /// quantization, those that read the network's input.
    func keptLayers(_ settings: CompressionSettings) throws(CompressionError) -> Set<Int> {
        let weighted = layers.indices.filter { layers[$0].operation.weights != nil }
        var kept = settings.isProduct ? Set(weighted.filter { layers[$0].inputs.contains(0) }) : []
        for name in settings.keep {
            let matches = weighted.filter { layers[$0].name == name || layers[$0].name.hasPrefix(name + ".") }
            guard !matches.isEmpty else {
                throw .unknownLayer(name, network: self.name, known: weighted.map { layers[$0].name })
            }
            kept.formUnion(matches)
        }
        return kept
    }
}

extension Operation {
    /// Of a convolution or linear layer.
    package var weights: Weights? {
        get {
            switch self {
            case .convolution(let convolution): convolution.weights
            case .linear(let linear): linear.weights
            default: nil
            }
        }
        set {
            guard let newValue else { return }
            switch self {
            case .convolution(var convolution):
                convolution.weights = newValue
                self = .convolution(convolution)
            case .linear(var linear):
                linear.weights = newValue
                self = .linear(linear)
            default: return
            }
        }
    }

    /// Of a convolution or linear layer.
    package var bias: Tensor? {
        get {
            switch self {
            case .convolution(let convolution): convolution.bias
            case .linear(let linear): linear.bias
            default: nil
            }
        }
        set {
            switch self {
            case .convolution(var convolution):
                convolution.bias = newValue
                self = .convolution(convolution)
            case .linear(var linear):
                linear.bias = newValue
                self = .linear(linear)
            default: return
            }
        }
    }
}
