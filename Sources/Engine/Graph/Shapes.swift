extension Network {
    /// The shape of every value for an input of N×C×H×W; number 0 is the input's.
    package func shapes(input: [Int]) throws(EngineError) -> [[Int]] {
        guard input.count == 4, input[1] == inputChannels, isUsable(input) else {
            throw .doesNotFit(
                network: name, layer: "input", reason: "expected N×\(inputChannels)×H×W, found \(Shape.text(input))")
        }
        var shapes = [input]
        for layer in layers {
            do throws(Misfit) {
                guard layer.inputs.allSatisfy(shapes.indices.contains) else { throw Misfit("reads a later layer") }
                let shape = try layer.operation.outputShape(layer.inputs.map { shapes[$0] })
                guard isUsable(shape) else { throw Misfit("its output would be \(Shape.text(shape))") }
                shapes.append(shape)
            } catch {
                throw .doesNotFit(network: name, layer: layer.name, reason: error.reason)
            }
        }
        return shapes
    }

    /// No empty dimension, and few enough elements that no later product overflows.
    private func isUsable(_ shape: [Int]) -> Bool {
        var count = 1
        for extent in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            if extent < 1 || overflow || product > 1 << 40 { return false }
            count = product
        }
        return true
    }
}

package enum Shape {
    /// `1×3×224×224`.
    package static func text(_ shape: [Int]) -> String {
        shape.isEmpty ? "a single number" : shape.map(String.init).joined(separator: "×")
    }
}

/// Why an operation refuses its inputs.
private struct Misfit: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

extension Operation {
    /// The shape of the result for inputs of these shapes.
    fileprivate func outputShape(_ inputs: [[Int]]) throws(Misfit) -> [Int] {
        guard let first = inputs.first else { throw Misfit("has no input") }
        switch self {
        case .convolution(let convolution): return try convolution.outputShape(inputs)
        case .linear(let linear):
            let weights = linear.weights.shape
            guard first.count == 2, first[1] == weights[1] else {
                throw Misfit("expected N×\(weights[1]), found \(Shape.text(first))")
            }
            return [first[0], weights[0]]
        case .batchNorm(let norm):
            guard first.count >= 2, first[1] == norm.weight.count else {
                throw Misfit("expected \(norm.weight.count) channels, found \(Shape.text(first))")
            }
            return first
        case .relu, .sigmoid, .scale: return first
        case .add:
            if let other = inputs.first(where: { $0 != first }) {
                throw Misfit("cannot add \(Shape.text(first)) and \(Shape.text(other))")
            }
            return first
        case .multiply:
            guard inputs.count == 2, inputs[1] == first || inputs[1] == first.prefix(2) + [1, 1] else {
                throw Misfit("cannot multiply \(inputs.map(Shape.text).joined(separator: " and "))")
            }
            return first
        case .concatenate:
            let first = try spatial(first)
            for other in inputs.dropFirst() {
                guard other.count == 4, other[0] == first[0], other[2...] == first[2...] else {
                    throw Misfit("cannot join \(Shape.text(first)) and \(Shape.text(other))")
                }
            }
            return [first[0], inputs.reduce(0) { $0 + $1[1] }, first[2], first[3]]
        case .maxPool(let size, let stride, let padding):
            let first = try spatial(first)
            return [
                first[0], first[1], try windows(first[2], size: size, stride: stride, padding: padding),
                try windows(first[3], size: size, stride: stride, padding: padding),
            ]
        case .globalAveragePool:
            let first = try spatial(first)
            return [first[0], first[1], 1, 1]
        case .adaptiveAveragePool(let height, let width):
            let first = try spatial(first)
            return [first[0], first[1], height, width]
        case .flatten: return [first[0], first.dropFirst().reduce(1, *)]
        }
    }
}

extension Convolution {
    fileprivate func outputShape(_ inputs: [[Int]]) throws(Misfit) -> [Int] {
        let input = try spatial(inputs[0])
        let kernel = weights.shape
        guard input[1] == kernel[1] * groups else {
            throw Misfit("expected \(kernel[1] * groups) channels, found \(Shape.text(input))")
        }
        let output = [
            input[0], kernel[0], try windows(input[2], size: kernel[2], stride: stride, padding: padding),
            try windows(input[3], size: kernel[3], stride: stride, padding: padding),
        ]
        if inputs.count > 1, inputs[1] != output {
            throw Misfit("cannot add \(Shape.text(inputs[1])) to \(Shape.text(output))")
        }
        return output
    }
}

private func spatial(_ shape: [Int]) throws(Misfit) -> [Int] {
    guard shape.count == 4 else { throw Misfit("expected N×C×H×W, found \(Shape.text(shape))") }
    return shape
}

/// How many windows fit along one axis.
private func windows(_ extent: Int, size: Int, stride: Int, padding: Int) throws(Misfit) -> Int {
    guard extent + 2 * padding >= size else {
        throw Misfit("its input is too small: \(extent) with padding \(padding) for a window of \(size)")
    }
    return (extent + 2 * padding - size) / stride + 1
}
