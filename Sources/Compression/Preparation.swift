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
                if columns(of: consumer, channels: group.channels).isFree(d: layout.d) { free.insert(consumer.layer) }
            }
        }
        return free
    }

    /// The columns of a layer's weights that read a group of `channels`.
    func columns(of consumer: ChannelGroup.Consumer, channels: Int) -> ChannelColumns {
        let operation = layers[consumer.layer].operation
        let taps = (operation.weights?.shape ?? []).dropFirst(2).reduce(1, *)
        let (start, size) = (consumer.offset * taps, consumer.span * taps)
        return ChannelColumns(size: size, range: start..<start + channels / operation.groups * size)
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

/// The columns of a layer's weights that read a group of channels.
struct ChannelColumns {
    /// Columns per channel.
    let size: Int
    /// Within a row.
    let range: Range<Int>

    /// Whether channels that change places change the subvectors: these hold parts of several channels of the group,
    /// and of nothing else.
    func isFree(d: Int) -> Bool { size % d != 0 && range.lowerBound % d == 0 && range.count % d == 0 }
}

extension Tensor {
    /// Of each row of [outputs, …].
    func columns(_ range: Range<Int>) -> Tensor {
        let (rows, columns) = (shape[0], count / shape[0])
        if range == 0..<columns { return self }
        let source = floats
        return Tensor(shape: [rows, range.count]) { target in
            for row in 0..<rows {
                for (i, column) in range.enumerated() { target[row * range.count + i] = source[row * columns + column] }
            }
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
