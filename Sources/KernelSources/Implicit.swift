/// The first layer of an implicit decoder for points that share their row offset:
/// `output = activation(table[point] + row + relative · column)`, all blocks of 16 channels.
///
/// - Parameters:
///   - table: [blocks][blockStride / 16][16]; point `p` is `offsets[p]` floats into each block.
///   - row, column: [blocks · 16].
///   - output: [blocks][outputStride / 16][16], one row a point.
package func queryPoints(
    _ points: Int, blocks: Int, table: UnsafePointer<Float>, blockStride: Int, offsets: UnsafePointer<Int>,
    relative: UnsafePointer<Float>, row: UnsafePointer<Float>, column: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputStride: Int, relu: Bool
) {
    for block in 0..<blocks {
        let (row, column) = (Vector(row + block * 16), Vector(column + block * 16))
        let source = table + block * blockStride
        let target = output + block * outputStride
        for point in 0..<points {
            var value = Vector(source + offsets[point]) + row
            value.accumulate(Vector(repeating: relative[point]), column)
            (relu ? value.rectified : value).store(target + point * 16)
        }
    }
}

/// `output[pixel] = Σ weights[4 · pixel + k] · input[points[4 · pixel + k]]` over `counts[pixel]` points, all blocks of
/// 16 channels; both maps are [blocks][stride / 16][16].
package func blendPoints(
    _ pixels: Int, blocks: Int, input: UnsafePointer<Float>, inputStride: Int, points: UnsafePointer<Int>,
    weights: UnsafePointer<Float>, counts: UnsafePointer<Int>, output: UnsafeMutablePointer<Float>, outputStride: Int
) {
    for block in 0..<blocks {
        let source = input + block * inputStride
        let target = output + block * outputStride
        for pixel in 0..<pixels {
            var sum = Vector()
            for slot in 4 * pixel..<4 * pixel + counts[pixel] {
                sum.accumulate(Vector(source + points[slot] * 16), Vector(repeating: weights[slot]))
            }
            sum.store(target + pixel * 16)
        }
    }
}
