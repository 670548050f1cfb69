import CHost
import KernelTypes

/// The most output-channel blocks that a tile spans, and the most rows for each count of blocks: as many accumulators
/// as the registers hold beside the operands. The compiler keeps the sums of more than nine rows in memory.
#if AVX512
package let tileRows = [0, 9, 9, 8, 6]
#elseif FMA || arch(arm64)
package let tileRows = [0, 6]
#else
package let tileRows = [0, 2]
#endif

/// Runs one tile of `rows` × `blocks`, which must be within `tileRows`.
///
/// The usual distances between rows are constants of the code: with a variable one, computing addresses takes twice as
/// long as the arithmetic.
package func multiplyTile(rows: Int, blocks: Int, _ call: TileCall) {
    switch call.rowStride {
    case 16: multiplyTile(rows, blocks, call, Stride<16>.self)
    case 32: multiplyTile(rows, blocks, call, Stride<32>.self)
    case 2: multiplyTile(rows, blocks, call, Stride<2>.self)
    default: multiplyTile(rows, blocks, call, Stride<0>.self)
    }
}

/// Names a distance between rows as a type; 0 is any.
private enum Stride<let floats: Int> {}

@inline(__always)
private func multiplyTile<let stride: Int>(_ rows: Int, _ blocks: Int, _ call: TileCall, _: Stride<stride>.Type) {
    switch blocks {
    #if AVX512
    case 4:
        switch rows {
        case 1: tile(call, of: Size<1, 4, stride>.self)
        case 2: tile(call, of: Size<2, 4, stride>.self)
        case 3: tile(call, of: Size<3, 4, stride>.self)
        case 4: tile(call, of: Size<4, 4, stride>.self)
        case 5: tile(call, of: Size<5, 4, stride>.self)
        default: tile(call, of: Size<6, 4, stride>.self)
        }
    case 3:
        switch rows {
        case 1: tile(call, of: Size<1, 3, stride>.self)
        case 2: tile(call, of: Size<2, 3, stride>.self)
        case 3: tile(call, of: Size<3, 3, stride>.self)
        case 4: tile(call, of: Size<4, 3, stride>.self)
        case 5: tile(call, of: Size<5, 3, stride>.self)
        case 6: tile(call, of: Size<6, 3, stride>.self)
        case 7: tile(call, of: Size<7, 3, stride>.self)
        default: tile(call, of: Size<8, 3, stride>.self)
        }
    case 2:
        switch rows {
        case 1: tile(call, of: Size<1, 2, stride>.self)
        case 2: tile(call, of: Size<2, 2, stride>.self)
        case 3: tile(call, of: Size<3, 2, stride>.self)
        case 4: tile(call, of: Size<4, 2, stride>.self)
        case 5: tile(call, of: Size<5, 2, stride>.self)
        case 6: tile(call, of: Size<6, 2, stride>.self)
        case 7: tile(call, of: Size<7, 2, stride>.self)
        case 8: tile(call, of: Size<8, 2, stride>.self)
        default: tile(call, of: Size<9, 2, stride>.self)
        }
    #endif
    default:
        switch rows {
        case 1: tile(call, of: Size<1, 1, stride>.self)
        #if FMA || arch(arm64)
        case 2: tile(call, of: Size<2, 1, stride>.self)
        case 3: tile(call, of: Size<3, 1, stride>.self)
        case 4: tile(call, of: Size<4, 1, stride>.self)
        case 5: tile(call, of: Size<5, 1, stride>.self)
        #endif
        #if AVX512
        case 6: tile(call, of: Size<6, 1, stride>.self)
        case 7: tile(call, of: Size<7, 1, stride>.self)
        case 8: tile(call, of: Size<8, 1, stride>.self)
        default: tile(call, of: Size<9, 1, stride>.self)
        #elseif FMA || arch(arm64)
        default: tile(call, of: Size<6, 1, stride>.self)
        #else
        default: tile(call, of: Size<2, 1, stride>.self)
        #endif
        }
    }
}

/// Names a tile's size, and the distance between its rows, as a type.
private enum Size<let rows: Int, let blocks: Int, let stride: Int> {}

/// All sums of a tile stay in registers: loops over constants unroll whole.
@inline(never)
private func tile<let rows: Int, let blocks: Int, let stride: Int>(
    _ call: TileCall, of size: Size<rows, blocks, stride>.Type
) {
    var sums = InlineArray<rows, InlineArray<blocks, Vector>>(repeating: .init(repeating: Vector()))
    if call.accumulates {
        for row in 0..<rows {
            for block in 0..<blocks { sums[row][block] = Vector(call.output + (block * call.blockStride + row * 16)) }
        }
    }
    let step = stride == 0 ? call.rowStride : stride
    var (weights, upcoming) = (call.weights, call.upcoming)
    for segment in 0..<call.segments {
        accumulate(&sums, call.input + call.offsets[segment], step, weights, call.depth, upcoming, call.upcomingStep)
        weights += call.depth * blocks * 16
        upcoming += call.depth * call.upcomingStep
    }
    for row in 0..<rows {
        for block in 0..<blocks { sums[row][block].store(call.output + (block * call.blockStride + row * 16)) }
    }
    if let bias = call.bias { finish(call, bias, rows, blocks) }
}

@inline(__always)
private func accumulate<let rows: Int, let blocks: Int>(
    _ sums: inout InlineArray<rows, InlineArray<blocks, Vector>>, _ input: UnsafePointer<Float>, _ step: Int,
    _ weights: UnsafePointer<Float>, _ depth: Int, _ upcoming: UnsafePointer<Float>, _ upcomingStep: Int
) {
    var (input, weights, upcoming) = (input, weights, upcoming)
    for _ in 0..<depth {
        var column = InlineArray<blocks, Vector>(repeating: Vector())
        for block in 0..<blocks {
            column[block] = Vector(weights + block * 16)
            chost_prefetch(upcoming + block * 16)
        }
        for row in 0..<rows {
            let value = Vector(repeating: input[row * step])
            for block in 0..<blocks { sums[row][block].accumulate(value, column[block]) }
        }
        weights += blocks * 16
        upcoming += upcomingStep
        input += 1
    }
}

/// Adds bias and residual to a tile's sums, and rectifies them. A pass of its own: with branches in the loop above, the
/// compiler keeps the sums in memory instead of registers.
@inline(never)
private func finish(_ call: TileCall, _ bias: UnsafePointer<Float>, _ rows: Int, _ blocks: Int) {
    for block in 0..<blocks {
        let bias = Vector(bias + block * 16)
        for row in 0..<rows {
            let place = block * call.blockStride + row * 16
            var sum = Vector(UnsafePointer(call.output + place)) + bias
            if let residual = call.residual { sum += Vector(residual + place) }
            (call.relu ? sum.rectified : sum).store(call.output + place)
        }
    }
}
