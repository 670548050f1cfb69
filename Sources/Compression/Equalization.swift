import Engine
import Tensors

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension Network {
    /// Scales the channels of each group by factors above 0, which ReLU, pooling and sums hand on, and the weights that
    /// read them by the inverse: the function stays, and input channels come to be of like size, so that kernels share
    /// codewords better. (Weight equalization after Nagel et al., arXiv 1906.04721, by root mean squares.)
    ///
    /// Where each producer has a batch norm, that takes the factor, and the producer's weights stay as they are; else
    /// rows and columns meet halfway, which takes `passes` rounds through the network.
    mutating func equalize(passes: Int = 4) throws(CompressionError) {
        let groups = try channelGroups().filter { $0.isScalable }
        for _ in 0..<passes {
            for group in groups { scale(group, by: factors(group)) }
        }
    }

    /// The factor of each channel.
    private func factors(_ group: ChannelGroup) -> [Double] {
        var (rows, columns) = (
            [Double](repeating: 0, count: group.channels), [Double](repeating: 0, count: group.channels)
        )
        for layer in group.producers {
            guard let weights = layers[layer].operation.weights?.dense() else { continue }
            let size = weights.count / group.channels
            let values = weights.floats
            for channel in 0..<group.channels {
                for i in channel * size..<(channel + 1) * size { rows[channel] += Double(values[i] * values[i]) }
            }
        }
        for consumer in group.consumers {
            forEachWeight(of: consumer, channels: group.channels) { channel, value in
                if let channel { columns[channel] += Double(value * value) }
            }
        }
        // Dead channels keep their size, and extreme ones do not go to the other extreme.
        let raw = zip(rows, columns).map { row, column -> Double in
            guard column > 0, row > 0 else { return 1 }
            return group.norms.isEmpty ? (column / row).squareRoot().squareRoot() : column.squareRoot()
        }
        let mean = exp(raw.reduce(0) { $0 + log($1) } / Double(raw.count))
        return zip(raw, columns).map { $1 > 0 ? min(max($0 / mean, 1.0 / 64), 64) : 1 }
    }

    private mutating func scale(_ group: ChannelGroup, by factors: [Double]) {
        for layer in group.norms.isEmpty ? group.producers : [] {
            layers[layer].operation.weights = layers[layer].operation.weights.map { weights in
                .dense(weights.dense().multiplyingRows(by: factors))
            }
            layers[layer].operation.bias = layers[layer].operation.bias?.multiplyingRows(by: factors)
        }
        for layer in group.norms {
            guard case .batchNorm(var norm) = layers[layer].operation else { continue }
            norm.weight = norm.weight.multiplyingRows(by: factors)
            norm.bias = norm.bias.multiplyingRows(by: factors)
            layers[layer].operation = .batchNorm(norm)
        }
        for consumer in group.consumers {
            guard let weights = layers[consumer.layer].operation.weights?.dense() else { continue }
            let scaled = Tensor(shape: weights.shape) { target in
                var i = 0
                forEachWeight(of: consumer, channels: group.channels) { channel, value in
                    target[i] = channel.map { Float(Double(value) / factors[$0]) } ?? value
                    i += 1
                }
            }
            layers[consumer.layer].operation.weights = .dense(scaled)
        }
    }

    /// Calls `body` with the input channel of each weight of a layer, nil where that is not of the group, and its value,
    /// in memory order.
    private func forEachWeight(
        of consumer: ChannelGroup.Consumer, channels: Int, _ body: (Int?, Float) -> Void
    ) {
        guard let weights = layers[consumer.layer].operation.weights?.dense() else { return }
        let groups = layers[consumer.layer].operation.groups
        let (rows, part) = (weights.shape[0], self.columns(of: consumer, channels: channels))
        let columns = weights.count / rows
        let values = weights.floats
        for row in 0..<rows {
            let first = row / (rows / groups) * (channels / groups)
            for column in 0..<columns {
                let channel = first + (column - part.range.lowerBound) / part.size
                body(part.range.contains(column) ? channel : nil, values[row * columns + column])
            }
        }
    }
}

extension Tensor {
    /// Each of as many rows as there are factors, times its factor.
    fileprivate func multiplyingRows(by factors: [Double]) -> Tensor {
        let size = count / factors.count
        let source = floats
        return Tensor(shape: shape) { target in
            for i in target.indices { target[i] = Float(Double(source[i]) * factors[i / size]) }
        }
    }
}
