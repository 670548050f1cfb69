/// Window maxima of one block of channels: [height][width][16] to [outputHeight][outputWidth][16]; what the window
/// covers outside the map does not count.
package func maxPool(
    _ map: UnsafePointer<Float>, height: Int, width: Int, size: Int, stride: Int, padding: Int,
    output: UnsafeMutablePointer<Float>, outputHeight: Int, outputWidth: Int
) {
    for y in 0..<outputHeight {
        let rows = max(y * stride - padding, 0)..<min(y * stride - padding + size, height)
        for x in 0..<outputWidth {
            let columns = max(x * stride - padding, 0)..<min(x * stride - padding + size, width)
            var largest = Vector(repeating: -.infinity)
            for row in rows {
                for column in columns {
                    largest = largest.maximum(Vector(map + (row * width + column) * 16))
                }
            }
            largest.store(output + (y * outputWidth + x) * 16)
        }
    }
}

/// Means of one block of channels over ⌊i·n/out⌋ ..< ⌈(i+1)·n/out⌉ on both axes.
package func averagePool(
    _ map: UnsafePointer<Float>, height: Int, width: Int, output: UnsafeMutablePointer<Float>, outputHeight: Int,
    outputWidth: Int
) {
    for y in 0..<outputHeight {
        let rows = y * height / outputHeight..<((y + 1) * height + outputHeight - 1) / outputHeight
        for x in 0..<outputWidth {
            let columns = x * width / outputWidth..<((x + 1) * width + outputWidth - 1) / outputWidth
            var sum = Vector()
            for row in rows {
                for column in columns { sum += Vector(map + (row * width + column) * 16) }
            }
            (sum / Vector(repeating: Float(rows.count * columns.count))).store(output + (y * outputWidth + x) * 16)
        }
    }
}
