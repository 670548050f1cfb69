import Engine
import Tensors

extension Network {
    func names(_ indices: [Int]) -> [String] { indices.map { layers[$0].name } }

    /// Throws for weights that are infinite or no number.
    func checkWeights() throws(CompressionError) {
        for layer in layers {
            guard case .dense(let tensor) = layer.operation.weights else { continue }
            guard tensor.floats.allSatisfy(\.isFinite) else { throw .notFinite(network: name, layer: layer.name) }
        }
    }

    /// Folds the statistics of batch norms into their weights and biases, which leaves mean 0 and variance 1 (with the
    /// same epsilon), as PQF's authors store them.
    mutating func foldStatistics() {
        for index in layers.indices {
            guard case .batchNorm(let norm) = layers[index].operation else { continue }
            layers[index].operation = .batchNorm(norm.withoutStatistics)
        }
    }

    /// Rounds dense weights to 8-bit integers or halves.
    mutating func roundWeights(_ method: CompressionSettings.Method, except kept: Set<Int>) {
        for index in layers.indices where !kept.contains(index) {
            guard case .dense(let weights) = layers[index].operation.weights else { continue }
            layers[index].operation.weights =
                method == .int8
                ? .quantized(ScalarQuantizer.integers(weights)) : .dense(ScalarQuantizer.halves(weights))
        }
        if method == .int8 { foldStatistics() }
    }

    /// Layers whose subvectors hold parts of several channels that can change places.
    func layersWithFreeColumns(_ layouts: [LayerLayout]) throws(CompressionError) -> Set<Int> {
        let layouts = Dictionary(uniqueKeysWithValues: layouts.map { ($0.layer, $0) })
        var free: Set<Int> = []
        for group in try channelGroups() {
            for consumer in group.consumers {
                guard let layout = layouts[consumer.layer] else { continue }
                if channelSize(consumer.layer, channels: group.channels) % layout.d != 0 { free.insert(consumer.layer) }
            }
        }
        return free
    }

    /// Columns of a layer's weights per input channel, of which there are `channels`.
    func channelSize(_ layer: Int, channels: Int) -> Int {
        let shape = layers[layer].operation.weights?.shape ?? []
        return shape.dropFirst().reduce(1, *) * layers[layer].operation.groups / channels
    }

    /// Of the covariance of a layer's subvectors as they are.
    func logDeterminant(_ layout: LayerLayout) -> Double? {
        layers[layout.layer].operation.weights.map { weights in
            Covariance(
                weights.dense(), channels: layout.columns, groups: 1, d: layout.d, order: Array(0..<layout.columns)
            ).logDeterminant
        }
    }
}

extension BatchNorm {
    /// The same function with mean 0 and variance 1.
    fileprivate var withoutStatistics: BatchNorm {
        guard mean.floats.contains(where: { $0 != 0 }) || variance.floats.contains(where: { $0 != 1 }) else {
            return self
        }
        let unit = (1 + Double(epsilon)).squareRoot()
        var (scales, shifts): ([Float], [Float]) = ([], [])
        for channel in 0..<weight.count {
            let factor =
                Double(weight.floats[channel]) / (Double(variance.floats[channel]) + Double(epsilon)).squareRoot()
            scales.append(Float(factor * unit))
            shifts.append(Float(Double(bias.floats[channel]) - Double(mean.floats[channel]) * factor))
        }
        return BatchNorm(
            weight: Tensor(shape: weight.shape, scales), bias: Tensor(shape: weight.shape, shifts),
            mean: Tensor(shape: weight.shape) { _ in },
            variance: Tensor(shape: weight.shape, [Float](repeating: 1, count: weight.count)), epsilon: epsilon)
    }
}
