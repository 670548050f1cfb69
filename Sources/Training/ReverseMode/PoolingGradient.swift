/// Max and average pooling of planes, forwards and backwards.
struct PoolingGradient {
    enum Kind {
        case max(size: Int, stride: Int, padding: Int)
        /// As PyTorch's AdaptiveAvgPool2d.
        case average
    }

    let kind: Kind
    let height: Int
    let width: Int
    let outputHeight: Int
    let outputWidth: Int

    func forward(_ input: ConstantFloats, planes: Int, to output: Floats) {
        eachWindow(planes) { place, plane, rows, columns in
            switch kind {
            case .max: output[place] = input[largest(input, plane, rows, columns)]
            case .average:
                var sum: Float = 0
                for y in rows { for x in columns { sum += input[plane + y * width + x] } }
                output[place] = sum / Float(rows.count * columns.count)
            }
        }
    }

    /// Adds to the gradient of the input; of equal maxima the first has it all.
    func backward(_ gradient: ConstantFloats, input: ConstantFloats, planes: Int, to inputGradient: Floats) {
        eachWindow(planes) { place, plane, rows, columns in
            switch kind {
            case .max: inputGradient[largest(input, plane, rows, columns)] += gradient[place]
            case .average:
                let share = gradient[place] / Float(rows.count * columns.count)
                for y in rows { for x in columns { inputGradient[plane + y * width + x] += share } }
            }
        }
    }

    private func largest(_ input: ConstantFloats, _ plane: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Int {
        var best = plane + rows.lowerBound * width + columns.lowerBound
        for y in rows {
            for x in columns where input[plane + y * width + x] > input[best] { best = plane + y * width + x }
        }
        return best
    }

    @inline(__always)
    private func eachWindow(
        _ planes: Int, _ body: (_ place: Int, _ plane: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Void
    ) {
        for plane in 0..<planes {
            for y in 0..<outputHeight {
                let rows = window(y, height, outputHeight)
                for x in 0..<outputWidth {
                    let place = (plane * outputHeight + y) * outputWidth + x
                    body(place, plane * height * width, rows, window(x, width, outputWidth))
                }
            }
        }
    }

    private func window(_ index: Int, _ extent: Int, _ outputs: Int) -> Range<Int> {
        switch kind {
        case .max(let size, let stride, let padding):
            let start = index * stride - padding
            return max(start, 0)..<min(start + size, extent)
        case .average: return index * extent / outputs..<((index + 1) * extent + outputs - 1) / outputs
        }
    }
}
