import Kernels

/// The steps of operations that are neither a convolution nor a linear layer.
enum PlainSteps {
    static func step(
        _ operation: Operation, inputs: [Place], inputShapes: [[Int]], output: Place, outputShape: [Int],
        options: PlanOptions
    ) -> any Step {
        let shape = inputShapes[0]
        let (batch, channels) = (shape[0], shape[1])
        let pixels = shape.dropFirst(2).reduce(1, *)
        switch operation {
        case .flatten:
            return MoveStep(inputs: inputs, output: output) { memory, inputs, output in
                Blocked.toPlanar(
                    memory.read(inputs[0]), to: output, batch: batch, channels: channels, pixels: pixels,
                    rowStride: Blocked.count(outputShape[1]) * 16)
            }
        case .concatenate:
            let counts = inputShapes.map { $0[1] }
            return MoveStep(inputs: inputs, output: output) { memory, inputs, output in
                Concatenation.run(
                    { memory.read(inputs[$0]) }, channels: counts, to: output, batch: batch, pixels: pixels)
            }
        default:
            let plane = plane(operation, inputShapes: inputShapes, outputShape: outputShape, options: options)
            return PlaneStep(operation: plane, inputs: inputs, output: output)
        }
    }

    private static func plane(
        _ operation: Operation, inputShapes: [[Int]], outputShape: [Int], options: PlanOptions
    ) -> PlaneOperation {
        let shape = inputShapes[0]
        let (batch, channels, isa, threads) = (shape[0], shape[1], options.isa, options.threads)
        let pixels = shape.dropFirst(2).reduce(1, *)
        func affine(scale: [Float], shift: [Float]) -> PlaneOperation {
            .affine(
                batch: batch, channels: channels, pixels: pixels, scale: scale, shift: shift, isa: isa, threads: threads
            )
        }
        func average(_ height: Int, _ width: Int) -> PlaneOperation {
            .averagePool(
                batch: batch, channels: channels, height: shape[2], width: shape[3], outputHeight: height,
                outputWidth: width, isa: isa, threads: threads)
        }
        switch operation {
        case .batchNorm(let norm):
            let (scale, shift) = norm.scaleAndShift
            return affine(scale: scale, shift: shift)
        case .scale(let factor):
            return affine(
                scale: Array(repeating: factor, count: channels), shift: Array(repeating: 0, count: channels))
        case .relu:
            return .rectify(batch: batch, channels: channels, pixels: pixels, isa: isa, threads: threads)
        case .sigmoid:
            return .sigmoid(batch: batch, channels: channels, pixels: pixels, threads: threads)
        case .add:
            return .add(
                batch: batch, channels: channels, pixels: pixels, inputs: inputShapes.count, relu: false, isa: isa,
                threads: threads)
        case .multiply:
            return .multiply(
                batch: batch, channels: channels, pixels: pixels,
                secondPixels: inputShapes[1].dropFirst(2).reduce(1, *), isa: isa, threads: threads)
        case .maxPool(let size, let stride, let padding):
            return .maxPool(
                batch: batch, channels: channels, height: shape[2], width: shape[3], outputHeight: outputShape[2],
                outputWidth: outputShape[3], size: size, stride: stride, padding: padding, isa: isa, threads: threads)
        case .globalAveragePool: return average(1, 1)
        case .adaptiveAveragePool(let height, let width): return average(height, width)
        case .convolution, .linear, .flatten, .concatenate: preconditionFailure("has a step of its own")
        }
    }
}

extension BatchNorm {
    /// The same as one factor and one summand per channel, computed in float64.
    var scaleAndShift: (scale: [Float], shift: [Float]) {
        var (scale, shift): ([Float], [Float]) = ([], [])
        for channel in 0..<weight.count {
            let factor =
                Double(weight.floats[channel]) / (Double(variance.floats[channel]) + Double(epsilon)).squareRoot()
            scale.append(Float(factor))
            shift.append(Float(Double(bias.floats[channel]) - Double(mean.floats[channel]) * factor))
        }
        return (scale, shift)
    }
}
