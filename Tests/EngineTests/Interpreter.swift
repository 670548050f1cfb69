import Engine
import Foundation
import Tensors

/// Runs a network's layers one by one with plain loops: the reference that knows nothing of plans and kernels.
enum Interpreter {
    static func run(_ network: Network, _ input: Tensor) -> Tensor {
        var values = [input]
        for layer in network.layers { values.append(apply(layer.operation, layer.inputs.map { values[$0] })) }
        return values[values.count - 1]
    }

    private static func apply(_ operation: Engine.Operation, _ inputs: [Tensor]) -> Tensor {
        let x = inputs[0]
        let planes = x.shape.prefix(2).reduce(1, *)
        let area = x.shape.dropFirst(2).reduce(1, *)
        func map(_ change: (Int, Float) -> Float) -> Tensor {
            Tensor(shape: x.shape, x.floats.enumerated().map { change($0, $1) })
        }
        switch operation {
        case .convolution(let convolution):
            let y = convolve(x, convolution)
            let sum = inputs.count > 1 ? Tensor(shape: y.shape, zip(y.floats, inputs[1].floats).map(+)) : y
            return convolution.activation == .relu ? Tensor(shape: sum.shape, sum.floats.map { max($0, 0) }) : sum
        case .linear(let linear): return multiply(x, linear)
        case .batchNorm(let norm):
            let channels = x.shape[1]
            return map { i, value in
                let c = i / area % channels
                let deviation = (norm.variance.floats[c] + norm.epsilon).squareRoot()
                return (value - norm.mean.floats[c]) / deviation * norm.weight.floats[c] + norm.bias.floats[c]
            }
        case .relu: return map { max($1, 0) }
        case .sigmoid: return map { 1 / (1 + exp(-$1)) }
        case .scale(let factor): return map { $1 * factor }
        case .add: return map { i, _ in inputs.reduce(0) { $0 + $1.floats[i] } }
        case .multiply:
            let factors = inputs[1].floats
            return map { i, value in value * factors[factors.count == x.count ? i : i / area] }
        case .maxPool(let size, let stride, let padding):
            let (height, width) = (x.shape[2], x.shape[3])
            return pool(
                x, height: (height + 2 * padding - size) / stride + 1, width: (width + 2 * padding - size) / stride + 1,
                rows: { max($0 * stride - padding, 0)..<min($0 * stride - padding + size, height) },
                columns: { max($0 * stride - padding, 0)..<min($0 * stride - padding + size, width) },
                reduce: { $0.max() ?? 0 })
        case .adaptiveAveragePool(let height, let width):
            return pool(
                x, height: height, width: width,
                rows: { $0 * x.shape[2] / height..<(($0 + 1) * x.shape[2] + height - 1) / height },
                columns: { $0 * x.shape[3] / width..<(($0 + 1) * x.shape[3] + width - 1) / width },
                reduce: { $0.reduce(0, +) / Float($0.count) })
        case .globalAveragePool:
            let means = (0..<planes).map { plane in
                x.floats[plane * area..<(plane + 1) * area].reduce(0, +) / Float(area)
            }
            return Tensor(shape: [x.shape[0], x.shape[1], 1, 1], means)
        case .flatten: return x.reshaped([x.shape[0], x.count / x.shape[0]])
        case .concatenate:
            precondition(x.shape[0] == 1)
            let channels = inputs.reduce(0) { $0 + $1.shape[1] }
            return Tensor(shape: [1, channels] + x.shape[2...], inputs.flatMap(\.array))
        }
    }

    private static func multiply(_ x: Tensor, _ linear: Linear) -> Tensor {
        let weights = linear.weights.dense()
        let (outputs, inputs) = (weights.shape[0], weights.shape[1])
        return Tensor(shape: [x.shape[0], outputs]) { y in
            for n in 0..<x.shape[0] {
                for o in 0..<outputs {
                    var sum = linear.bias?.floats[o] ?? 0
                    for i in 0..<inputs { sum += x.floats[n * inputs + i] * weights.floats[o * inputs + i] }
                    y[n * outputs + o] = linear.activation == .relu ? max(sum, 0) : sum
                }
            }
        }
    }

    private static func convolve(_ x: Tensor, _ convolution: Convolution) -> Tensor {
        let weights = convolution.weights.dense()
        let (outputs, groupInputs, size) = (weights.shape[0], weights.shape[1], weights.shape[2])
        let (inputs, height, width) = (x.shape[1], x.shape[2], x.shape[3])
        let (stride, padding) = (convolution.stride, convolution.padding)
        let outHeight = (height + 2 * padding - size) / stride + 1
        let outWidth = (width + 2 * padding - size) / stride + 1
        let (source, kernel) = (x.floats, weights.array)
        return Tensor(shape: [x.shape[0], outputs, outHeight, outWidth]) { y in
            for plane in 0..<x.shape[0] * outputs {
                let (n, o) = (plane / outputs, plane % outputs)
                let bias = convolution.bias?.floats[o] ?? 0
                let firstInput = o / (outputs / convolution.groups) * groupInputs
                for i in plane * outHeight * outWidth..<(plane + 1) * outHeight * outWidth { y[i] = bias }
                for c in 0..<groupInputs {
                    for tap in 0..<size * size {
                        let (dy, dx) = (tap / size - padding, tap % size - padding)
                        let weight = kernel[(o * groupInputs + c) * size * size + tap]
                        for row in 0..<outHeight where (0..<height).contains(row * stride + dy) {
                            let from = ((n * inputs + firstInput + c) * height + row * stride + dy) * width + dx
                            let to = (plane * outHeight + row) * outWidth
                            for column in 0..<outWidth where (0..<width).contains(column * stride + dx) {
                                y[to + column] += weight * source[from + column * stride]
                            }
                        }
                    }
                }
            }
        }
    }

    private static func pool(
        _ x: Tensor, height: Int, width: Int, rows: (Int) -> Range<Int>, columns: (Int) -> Range<Int>,
        reduce: ([Float]) -> Float
    ) -> Tensor {
        var values: [Float] = []
        for plane in 0..<x.shape[0] * x.shape[1] {
            for row in 0..<height {
                for column in 0..<width {
                    let window = rows(row).flatMap { y in
                        columns(column).map { x.floats[(plane * x.shape[2] + y) * x.shape[3] + $0] }
                    }
                    values.append(reduce(window))
                }
            }
        }
        return Tensor(shape: [x.shape[0], x.shape[1], height, width], values)
    }
}

/// The largest difference, relative to the largest expected value.
func relativeError(_ found: Tensor, _ expected: Tensor) -> Float {
    let scale = expected.floats.reduce(0) { max($0, abs($1)) }
    let difference = zip(found.floats, expected.floats).reduce(0) { max($0, abs($1.0 - $1.1)) }
    return found.shape == expected.shape && difference.isFinite ? difference / max(scale, 1e-6) : .infinity
}
