/// `output[n, row] = activation(Σ weights[row, k] · input[n, k] + bias[row])` for a range of rows.
///
/// Weights are row-major [outputs, inputs] as they come from a checkpoint, and are read once: with one image this runs at
/// the speed of memory. Each sum has a fixed order, whatever range of rows it is computed in.
package func multiplyRows(
    _ rows: Range<Int>, inputs: Int, weights: UnsafePointer<Float>, input: UnsafePointer<Float>, inputStride: Int,
    images: Int, output: UnsafeMutablePointer<Float>, outputStride: Int, bias: UnsafePointer<Float>?, relu: Bool
) {
    // Of many images, as much of each as stays in the second-level cache, so that weights come from memory once.
    let chunk = images > 4 ? chunkOfMany : max(inputs, 1)
    for start in stride(from: 0, to: inputs, by: chunk) {
        let columns = start..<min(start + chunk, inputs)
        var row = rows.lowerBound
        while row < rows.upperBound {
            let height = rows.upperBound - row >= 4 ? 4 : 1
            var image = 0
            while image < images {
                let step = images - image >= 4 ? 4 : 1
                let w = weights + row * inputs
                let x = input + image * inputStride
                let y = output + image * outputStride + row
                let b = bias.map { $0 + row }
                switch (height, step) {
                case (4, 4): dots(w, x, y, columns, inputs, inputStride, outputStride, b, relu, of: Group<4, 4>.self)
                case (4, _): dots(w, x, y, columns, inputs, inputStride, outputStride, b, relu, of: Group<4, 1>.self)
                case (_, 4): dots(w, x, y, columns, inputs, inputStride, outputStride, b, relu, of: Group<1, 4>.self)
                default: dots(w, x, y, columns, inputs, inputStride, outputStride, b, relu, of: Group<1, 1>.self)
                }
                image += step
            }
            row += height
        }
    }
}

private let chunkOfMany = 2048

/// Names a number of rows and images as a type.
private enum Group<let rows: Int, let images: Int> {}

@inline(__always)
private func dots<let rows: Int, let images: Int>(
    _ weights: UnsafePointer<Float>, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    _ columns: Range<Int>, _ inputs: Int, _ inputStride: Int, _ outputStride: Int, _ bias: UnsafePointer<Float>?,
    _ relu: Bool,
    of group: Group<rows, images>.Type
) {
    var sums = InlineArray<rows, InlineArray<images, Vector>>(repeating: .init(repeating: Vector()))
    let whole = columns.upperBound & ~15
    for k in stride(from: columns.lowerBound, to: whole, by: 16) {
        for image in 0..<images {
            let x = Vector(input + image * inputStride + k)
            for row in 0..<rows { sums[row][image].accumulate(Vector(weights + row * inputs + k), x) }
        }
    }
    for row in 0..<rows {
        for image in 0..<images {
            var sum = sums[row][image].total
            for k in whole..<columns.upperBound { sum += weights[row * inputs + k] * input[image * inputStride + k] }
            let place = output + (image * outputStride + row)
            if columns.lowerBound > 0 { sum += place.pointee }
            if columns.upperBound == inputs {
                if let bias { sum += bias[row] }
                if relu, sum < 0 { sum = 0 }
            }
            place.pointee = sum
        }
    }
}

extension Vector {
    /// The sum of the lanes, in a fixed order.
    @inline(__always)
    var total: Float {
        let eight = lowHalf + highHalf
        let four = eight.lowHalf + eight.highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
    }
}
