import Kernels

/// A convolution or (as 1×1 on maps of one pixel) a linear layer, forwards and backwards, by matrix products of its
/// columns. Maps are [C][N][H][W], weights [outputs, inputs / groups · kernel].
struct ConvolutionGradient {
    let shape: ConvolutionShape
    private let columns: Columns

    init(_ shape: ConvolutionShape) {
        self.shape = shape
        columns = Columns(shape)
    }

    var weightCount: Int { shape.outputChannels * columns.depth }
    /// Elements: columns, and the gradient of columns.
    var scratchCount: Int { 2 * columns.scratchCount }

    private var outputs: Int { shape.outputChannels / shape.groups }

    func forward(_ input: ConstantFloats, images: Int, weights: ConstantFloats, to output: Floats, scratch: Floats) {
        let stride = images * shape.outputHeight * shape.outputWidth
        eachChunk(images) { group, lines, pixels in
            Matrix.multiply(
                groupWeights(weights, group),
                matrix(input, images: images, group: group, lines: lines, scratch: scratch),
                rows: outputs, columns: pixels.count, depth: columns.depth,
                to: output + group * outputs * stride + pixels.lowerBound, stride: stride, adds: false)
        }
    }

    /// Adds to the gradient of the weights, and, where it is wanted, to that of the input.
    func backward(
        _ gradient: ConstantFloats, input: ConstantFloats, images: Int, weights: ConstantFloats,
        weightGradient: Floats?, inputGradient: Floats?, scratch: Floats
    ) {
        let stride = images * shape.outputHeight * shape.outputWidth
        eachChunk(images) { group, lines, pixels in
            let ownGradient = gradient + group * outputs * stride + pixels.lowerBound
            if let weightGradient {
                var gathered = matrix(input, images: images, group: group, lines: lines, scratch: scratch)
                gathered.isTransposed = true
                Matrix.multiply(
                    Matrix(start: ownGradient, stride: stride), gathered, rows: outputs, columns: columns.depth,
                    depth: pixels.count, to: weightGradient + group * outputs * columns.depth, stride: columns.depth,
                    adds: true)
            }
            guard let inputGradient else { return }
            var transposed = groupWeights(weights, group)
            transposed.isTransposed = true
            let target =
                columns.isInput
                ? inputGradient + group * columns.depth * stride + pixels.lowerBound
                : scratch + columns.scratchCount
            Matrix.multiply(
                transposed, Matrix(start: ownGradient, stride: stride), rows: columns.depth, columns: pixels.count,
                depth: outputs, to: target, stride: columns.isInput ? stride : pixels.count, adds: columns.isInput)
            if !columns.isInput {
                columns.scatter(target, images: images, group: group, lines: lines, to: inputGradient)
            }
        }
    }

    /// Calls `body` for the lines of each group in chunks, with the pixels that they are.
    private func eachChunk(_ images: Int, _ body: (_ group: Int, _ lines: Range<Int>, _ pixels: Range<Int>) -> Void) {
        let lines = images * shape.outputHeight
        let chunk = columns.isInput ? lines : columns.chunk
        for group in 0..<shape.groups {
            for first in stride(from: 0, to: lines, by: chunk) {
                let part = first..<min(first + chunk, lines)
                body(group, part, part.lowerBound * shape.outputWidth..<part.upperBound * shape.outputWidth)
            }
        }
    }

    private func groupWeights(_ weights: ConstantFloats, _ group: Int) -> Matrix {
        Matrix(start: weights + group * outputs * columns.depth, stride: columns.depth)
    }

    private func matrix(
        _ input: ConstantFloats, images: Int, group: Int, lines: Range<Int>, scratch: Floats
    ) -> Matrix {
        if columns.isInput {
            let stride = images * shape.height * shape.width
            return Matrix(start: input + group * columns.depth * stride, stride: stride)
        }
        columns.gather(input, images: images, group: group, lines: lines, to: scratch)
        return Matrix(start: scratch, stride: lines.count * shape.outputWidth)
    }
}
