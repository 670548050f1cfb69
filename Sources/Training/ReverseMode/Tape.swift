import Engine
import Foundation
import Kernels
import Tensors

/// The values of a network for some images, and their gradients: one thread's memory for reverse-mode differentiation.
///
/// Maps are [C][N][H][W], features [F][N].
final class Tape {
    let graph: TrainingGraph
    /// Images that there is room for.
    let capacity: Int
    private var images = 0
    let values: [Storage]
    let gradients: [Storage?]
    let convolutions: [ConvolutionGradient?]
    let poolings: [PoolingGradient?]
    let scratch: Storage
    /// Of the decoded weights of one layer.
    let weightGradient: Storage

    init(_ graph: TrainingGraph, capacity: Int) {
        self.graph = graph
        self.capacity = capacity
        values = graph.counts.map { Storage(byteCount: 4 * $0 * capacity) }
        gradients = zip(graph.counts, graph.needsGradient).map { $1 ? Storage(byteCount: 4 * $0 * capacity) : nil }
        convolutions = graph.network.layers.indices.map { graph.convolution($0) }
        poolings = graph.network.layers.indices.map { graph.pooling($0) }
        scratch = Storage(byteCount: 4 * (convolutions.compactMap { $0?.scratchCount }.max() ?? 0))
        let decoded = zip(graph.network.layers.indices, convolutions).filter {
            graph.layout.range($0.0, .weights) == nil
        }
        weightGradient = Storage(byteCount: 4 * (decoded.compactMap { $0.1?.weightCount }.max() ?? 0))
    }

    /// Bytes per image of values and gradients.
    static func bytesPerImage(_ graph: TrainingGraph) -> Int { 8 * graph.counts.reduce(0, +) }

    private func count(_ value: Int) -> Int { graph.counts[value] * images }
    private func value(_ index: Int) -> Floats { values[index].floats }

    /// Runs the network on `images` images of [N][C][H][W], and gives the logits, [classes][N].
    func forward(_ input: ConstantFloats, images: Int, weights: LayerWeights) -> Floats {
        precondition(images <= capacity)
        self.images = images
        let plane = graph.shapes[0][2] * graph.shapes[0][3]
        for image in 0..<images {
            for channel in 0..<graph.shapes[0][1] {
                (value(0) + (channel * images + image) * plane)
                    .update(from: input + (image * graph.shapes[0][1] + channel) * plane, count: plane)
            }
        }
        for index in graph.network.layers.indices { forward(index, weights) }
        return value(values.count - 1)
    }

    /// Adds the gradients of the parameters to `parameters` for that of the logits, [classes][N].
    func backward(_ logits: ConstantFloats, weights: LayerWeights, to parameters: Floats) {
        for (index, gradient) in gradients.enumerated() { gradient?.floats.update(repeating: 0, count: count(index)) }
        guard let last = gradients.last??.floats else { return }
        last.update(from: logits, count: count(values.count - 1))
        for index in graph.network.layers.indices.reversed() where graph.needsGradient[index + 1] {
            backward(index, weights, parameters)
        }
    }

    // MARK: Forwards

    private func forward(_ index: Int, _ weights: LayerWeights) {
        let layer = graph.network.layers[index]
        let (x, y) = (value(layer.inputs[0]), value(index + 1))
        let count = count(index + 1)
        switch layer.operation {
        case .convolution(let convolution):
            affine(index, x, y, weights)
            if layer.inputs.count > 1 { Vectors.add(value(layer.inputs[1]), to: y, count: count) }
            if convolution.activation == .relu { rectify(y, y, count) }
        case .linear(let linear):
            affine(index, x, y, weights)
            if linear.activation == .relu { rectify(y, y, count) }
        case .batchNorm(let norm):
            guard let factors = weights.values(index, .weights), let shifts = weights.values(index, .bias) else {
                return
            }
            eachChannel(index) { channel, start, length in
                let (mean, inverse) = norm.statistics(channel)
                let (factor, shift) = (factors[channel] * inverse, shifts[channel])
                for i in start..<start + length { y[i] = (x[i] - mean) * factor + shift }
            }
        case .relu: rectify(x, y, count)
        case .sigmoid: for i in 0..<count { y[i] = 1 / (1 + exp(-x[i])) }
        case .scale(let factor): for i in 0..<count { y[i] = x[i] * factor }
        case .add:
            y.update(from: x, count: count)
            for input in layer.inputs.dropFirst() { Vectors.add(value(input), to: y, count: count) }
        case .multiply:
            let (factors, area) = (value(layer.inputs[1]), factorArea(layer))
            for i in 0..<count { y[i] = x[i] * factors[i / area] }
        case .concatenate:
            var start = 0
            for input in layer.inputs {
                (y + start).update(from: value(input), count: self.count(input))
                start += self.count(input)
            }
        case .maxPool, .globalAveragePool, .adaptiveAveragePool:
            poolings[index]?.forward(x, planes: planes(layer), to: y)
        case .flatten: transposePixels(layer) { y[$1] = x[$0] }
        }
    }

    private func affine(_ index: Int, _ x: Floats, _ y: Floats, _ weights: LayerWeights) {
        guard let convolution = convolutions[index], let matrix = weights.values(index, .weights) else { return }
        convolution.forward(x, images: images, weights: matrix, to: y, scratch: scratch.floats)
        guard let bias = weights.values(index, .bias) else { return }
        eachChannel(index) { channel, start, length in
            for i in start..<start + length { y[i] += bias[channel] }
        }
    }

    // MARK: Backwards

    private func backward(_ index: Int, _ weights: LayerWeights, _ parameters: Floats) {
        let layer = graph.network.layers[index]
        guard let dy = gradients[index + 1]?.floats else { return }
        let (x, y) = (value(layer.inputs[0]), value(index + 1))
        let dx = gradients[layer.inputs[0]]?.floats
        let count = count(index + 1)
        switch layer.operation {
        case .convolution(let convolution):
            if convolution.activation == .relu { mask(dy, y, count) }
            if layer.inputs.count > 1, let residual = gradients[layer.inputs[1]]?.floats {
                Vectors.add(dy, to: residual, count: count)
            }
            affineBackward(index, dy, x, dx, weights, parameters)
        case .linear(let linear):
            if linear.activation == .relu { mask(dy, y, count) }
            affineBackward(index, dy, x, dx, weights, parameters)
        case .batchNorm(let norm):
            guard let factors = weights.values(index, .weights), let slot = graph.layout.range(index, .weights),
                let shift = graph.layout.range(index, .bias)
            else { return }
            eachChannel(index) { channel, start, length in
                let (mean, inverse) = norm.statistics(channel)
                let sum = Vectors.sum(dy + start, count: length)
                let product = Vectors.dot(dy + start, x + start, count: length)
                parameters[slot.lowerBound + channel] += (product - mean * sum) * inverse
                parameters[shift.lowerBound + channel] += sum
                guard let dx else { return }
                let factor = factors[channel] * inverse
                for i in start..<start + length { dx[i] += dy[i] * factor }
            }
        case .relu:
            mask(dy, y, count)
            if let dx { Vectors.add(dy, to: dx, count: count) }
        case .sigmoid: if let dx { for i in 0..<count { dx[i] += dy[i] * y[i] * (1 - y[i]) } }
        case .scale(let factor): if let dx { for i in 0..<count { dx[i] += dy[i] * factor } }
        case .add:
            for input in layer.inputs {
                if let target = gradients[input]?.floats { Vectors.add(dy, to: target, count: count) }
            }
        case .multiply:
            let (factors, area) = (value(layer.inputs[1]), factorArea(layer))
            if let target = gradients[layer.inputs[1]]?.floats {
                for i in 0..<count { target[i / area] += dy[i] * x[i] }
            }
            if let dx { for i in 0..<count { dx[i] += dy[i] * factors[i / area] } }
        case .concatenate:
            var start = 0
            for input in layer.inputs {
                if let target = gradients[input]?.floats {
                    Vectors.add(dy + start, to: target, count: self.count(input))
                }
                start += self.count(input)
            }
        case .maxPool, .globalAveragePool, .adaptiveAveragePool:
            if let dx { poolings[index]?.backward(dy, input: x, planes: planes(layer), to: dx) }
        case .flatten: if let dx { transposePixels(layer) { dx[$0] += dy[$1] } }
        }
    }

    private func affineBackward(
        _ index: Int, _ dy: Floats, _ x: Floats, _ dx: Floats?, _ weights: LayerWeights, _ parameters: Floats
    ) {
        guard let convolution = convolutions[index], let matrix = weights.values(index, .weights) else { return }
        if let bias = graph.layout.range(index, .bias) {
            eachChannel(index) { channel, start, length in
                parameters[bias.lowerBound + channel] += Vectors.sum(dy + start, count: length)
            }
        }
        let isDense = weights.isDense(index)
        let target: Floats
        if let slot = graph.layout.range(index, .weights) {
            target = parameters + slot.lowerBound
        } else {
            target = weightGradient.floats
            target.update(repeating: 0, count: convolution.weightCount)
        }
        convolution.backward(
            dy, input: x, images: images, weights: matrix, weightGradient: target, inputGradient: dx,
            scratch: scratch.floats)
        if !isDense { weights.addGradient(target, of: index, to: parameters) }
    }

    // MARK: Parts

    private func rectify(_ x: ConstantFloats, _ y: Floats, _ count: Int) {
        for i in 0..<count { y[i] = x[i] > 0 ? x[i] : 0 }
    }

    /// ReLU backwards: no gradient where its output is zero.
    private func mask(_ gradient: Floats, _ output: ConstantFloats, _ count: Int) {
        for i in 0..<count { gradient[i] = output[i] > 0 ? gradient[i] : 0 }
    }

    private func planes(_ layer: Layer) -> Int { graph.shapes[layer.inputs[0]][1] * images }

    /// How many elements of a product's first input share an element of the second.
    private func factorArea(_ layer: Layer) -> Int {
        graph.counts[layer.inputs[0]] / graph.counts[layer.inputs[1]]
    }

    /// Calls `body` for each output channel of a layer with its first element and its number of elements.
    private func eachChannel(_ index: Int, _ body: (_ channel: Int, _ start: Int, _ length: Int) -> Void) {
        let channels = graph.shapes[index + 1][1]
        let length = count(index + 1) / channels
        for channel in 0..<channels { body(channel, channel * length, length) }
    }

    /// Pairs each element of maps, [C][N][pixels], with its place in the features, [C][pixels][N].
    @inline(__always)
    private func transposePixels(_ layer: Layer, _ body: (_ map: Int, _ feature: Int) -> Void) {
        let shape = graph.shapes[layer.inputs[0]]
        let pixels = shape.dropFirst(2).reduce(1, *)
        for channel in 0..<shape[1] {
            for image in 0..<images {
                for pixel in 0..<pixels {
                    body((channel * images + image) * pixels + pixel, (channel * pixels + pixel) * images + image)
                }
            }
        }
    }
}

extension BatchNorm {
    /// A channel's running mean, and one over its deviation.
    fileprivate func statistics(_ channel: Int) -> (mean: Float, inverse: Float) {
        (mean.floats[channel], 1 / (variance.floats[channel] + epsilon).squareRoot())
    }
}
