import Engine

/// What compression did to a network.
package struct CompressionReport: Sendable, Codable {
    package struct Layer: Sendable, Codable {
        package let name: String
        package let kind: String
        /// Of the dense weights; empty for a batch norm.
        package let shape: [Int]
        /// `float32`, `codes`, `int8` or `fp16`.
        package var form: String
        /// Elements of a subvector, and codewords; nil where there are none.
        package var d: Int?
        package var k: Int?
        /// Bits of its parameters as PQF's authors count them, and as float32.
        package var bits: Int
        package let denseBits: Int
        /// The log-determinant of the subvectors' covariance, where the order of channels can change it.
        package var objectiveBefore: Double?
        package var objectiveAfter: Double?
        /// The sum of squared errors over that of squares, with the channels in their first order, and as stored.
        package var errorBefore: Double?
        package var error: Double?
    }

    /// Channels that were put in another order, where that can matter.
    package struct Group: Sendable, Codable {
        /// The layers whose outputs they are, and those whose inputs.
        package let producers: [String]
        package let consumers: [String]
        /// The sum of the consumers' log-determinants per dimension.
        package let before: Double
        package let after: Double
    }

    /// Those with parameters.
    package var layers: [Layer]
    package var groups: [Group] = []
    /// The largest difference of the output, relative to its largest value, that moving channels made.
    package var functionDifference: Float?

    /// Of the whole network.
    package var bits: Int { layers.reduce(0) { $0 + $1.bits } }
    package var denseBits: Int { layers.reduce(0) { $0 + $1.denseBits } }
    /// The mean of the product-quantized layers' errors; nil where there are none.
    package var quantizationError: Double? {
        let errors = layers.compactMap(\.error)
        return errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count)
    }
    package var ratio: Double { bits > 0 ? Double(denseBits) / Double(bits) : 1 }

    /// All layers of a network as they are, also those without parameters.
    init(_ network: Network) {
        layers = network.layers.map { layer in
            let operation = layer.operation
            var (form, d, k): (String, Int?, Int?) = ("float32", nil, nil)
            if case .quantized(let weights) = operation.weights {
                form = weights.isInteger ? "int8" : "codes"
                if !weights.isInteger { (k, d) = (weights.codebook.shape[0], weights.codebook.shape[1]) }
            }
            return Layer(
                name: layer.name, kind: operation.kind, shape: operation.weights?.shape ?? [], form: form, d: d, k: k,
                bits: operation.countedBits, denseBits: operation.denseBits)
        }
    }

    var withoutEmptyLayers: CompressionReport {
        var report = self
        report.layers.removeAll { $0.denseBits == 0 }
        return report
    }

    /// Counts the weights as half precision, which float32 tensors do not tell.
    mutating func markHalves(in network: Network, except kept: Set<Int>) {
        for index in layers.indices where !kept.contains(index) {
            guard case .dense(let weights) = network.layers[index].operation.weights else { continue }
            layers[index].form = "fp16"
            layers[index].bits -= 16 * weights.count
        }
    }
}
