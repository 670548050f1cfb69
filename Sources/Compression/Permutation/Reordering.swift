import Engine
import Tensors

extension Network {
    /// Puts the channels of a group in another order: the new channel i is the old channel `order[i]`.
    package mutating func reorder(_ group: ChannelGroup, by order: [Int]) {
        for layer in group.producers {
            layers[layer].operation.weights = layers[layer].operation.weights.map { weights in
                .dense(weights.dense().gatheringRows(order))
            }
            layers[layer].operation.bias = layers[layer].operation.bias?.gatheringRows(order)
        }
        for layer in group.norms {
            guard case .batchNorm(var norm) = layers[layer].operation else { continue }
            norm.weight = norm.weight.gatheringRows(order)
            norm.bias = norm.bias.gatheringRows(order)
            norm.mean = norm.mean.gatheringRows(order)
            norm.variance = norm.variance.gatheringRows(order)
            layers[layer].operation = .batchNorm(norm)
        }
        for consumer in group.consumers {
            guard let weights = layers[consumer.layer].operation.weights else { continue }
            let part = columns(of: consumer, channels: group.channels)
            layers[consumer.layer].operation.weights = .dense(
                weights.dense().gatheringColumns(order, part, groups: layers[consumer.layer].operation.groups))
        }
    }
}

extension Operation {
    /// Of a convolution, else 1.
    var groups: Int {
        if case .convolution(let convolution) = self { return convolution.groups }
        return 1
    }
}

extension Tensor {
    /// Row i becomes the old row `order[i]`.
    fileprivate func gatheringRows(_ order: [Int]) -> Tensor {
        let size = count / order.count
        let source = floats
        return Tensor(shape: shape) { target in
            for (row, old) in order.enumerated() {
                for i in 0..<size { target[row * size + i] = source[old * size + i] }
            }
        }
    }

    /// In each row, the run of columns of channel i becomes that of the old channel `order[i]`; columns that are not of
    /// these channels stay. A row of a grouped convolution has the channels of its own group alone, among which the
    /// order leaves them.
    fileprivate func gatheringColumns(_ order: [Int], _ part: ChannelColumns, groups: Int) -> Tensor {
        let rows = shape[0]
        let columns = count / rows
        let channels = order.count / groups
        let size = part.size
        let source = floats
        return Tensor(shape: shape) { target in
            for i in target.indices { target[i] = source[i] }
            for row in 0..<rows {
                let first = row / (rows / groups) * channels
                let start = row * columns + part.range.lowerBound
                for channel in 0..<channels {
                    let from = start + (order[first + channel] - first) * size
                    let to = start + channel * size
                    for i in 0..<size { target[to + i] = source[from + i] }
                }
            }
        }
    }
}
