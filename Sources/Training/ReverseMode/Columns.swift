import Kernels

/// The columns (im2col) of a convolution: [input channel of the group, tap][output pixel], for some of the lines of
/// output pixels at a time so that they stay in cache. Maps are [C][N][H][W]; line `l` is row `l % H'` of image `l / H'`.
struct Columns {
    let shape: ConvolutionShape
    /// Elements per column.
    let depth: Int
    /// A 1×1 convolution without stride: the input is its own matrix of columns.
    let isInput: Bool
    /// Lines that are gathered at once.
    let chunk: Int

    init(_ shape: ConvolutionShape) {
        self.shape = shape
        depth = shape.inputChannels / shape.groups * shape.kernelHeight * shape.kernelWidth
        isInput = shape.kernelHeight == 1 && shape.kernelWidth == 1 && shape.stride == 1 && shape.padding == 0
        // 768 KiB of columns, but enough of them for a fast matrix product.
        chunk = max(1, max(256, 196_608 / depth) / shape.outputWidth)
    }

    /// Elements of scratch memory.
    var scratchCount: Int { isInput ? 0 : depth * chunk * shape.outputWidth }

    /// Writes the columns of a group's lines.
    func gather(_ input: ConstantFloats, images: Int, group: Int, lines: Range<Int>, to columns: Floats) {
        eachRun(images: images, group: group, lines: lines) { start, end, source, place in
            let target = columns + place
            for x in 0..<start { target[x] = 0 }
            if shape.stride == 1 {
                let source = input + source
                for x in start..<end { target[x] = source[x] }
            } else {
                for x in start..<end { target[x] = input[source + x * shape.stride] }
            }
            for x in max(start, end)..<shape.outputWidth { target[x] = 0 }
        }
    }

    /// Adds each element of the columns to the input element that it was gathered from.
    func scatter(_ columns: ConstantFloats, images: Int, group: Int, lines: Range<Int>, to input: Floats) {
        eachRun(images: images, group: group, lines: lines) { start, end, target, place in
            let source = columns + place
            if shape.stride == 1 {
                let target = input + target
                for x in start..<end { target[x] += source[x] }
            } else {
                for x in start..<end { input[target + x * shape.stride] += source[x] }
            }
        }
    }

    /// Calls `body` for every tap and line with the pixels of the line whose input lies inside the map, the input
    /// element of the line's pixel 0 (which may lie outside), and the place of the line in the columns.
    @inline(__always)
    private func eachRun(
        images: Int, group: Int, lines: Range<Int>,
        _ body: (_ start: Int, _ end: Int, _ input: Int, _ place: Int) -> Void
    ) {
        let (height, width, stride) = (shape.height, shape.width, shape.stride)
        let (outputHeight, outputWidth) = (shape.outputHeight, shape.outputWidth)
        let channels = shape.inputChannels / shape.groups
        var place = 0
        for channel in group * channels..<(group + 1) * channels {
            for ky in 0..<shape.kernelHeight {
                for kx in 0..<shape.kernelWidth {
                    let shift = kx - shape.padding
                    let start = min(shift < 0 ? (stride - 1 - shift) / stride : 0, outputWidth)
                    let end = max(start, min(outputWidth, (width - shift + stride - 1) / stride))
                    for line in lines {
                        let row = line % outputHeight * stride + ky - shape.padding
                        let isInside = row >= 0 && row < height
                        let map = (channel * images + line / outputHeight) * height
                        body(
                            isInside ? start : outputWidth, isInside ? end : outputWidth,
                            isInside ? (map + row) * width + shift : 0, place)
                        place += outputWidth
                    }
                }
            }
        }
    }
}
