import KernelTypes

/// The most output-channel blocks that a tile spans, and the most rows for each count of blocks: as many accumulators
/// as the registers hold beside the operands.
#if AVX512
package let tileRows = [0, 14, 12, 8, 6]
#elseif FMA || arch(arm64)
package let tileRows = [0, 6]
#else
package let tileRows = [0, 2]
#endif

/// Runs one tile of `rows` × `blocks`, which must be within `tileRows`.
package func multiplyTile(rows: Int, blocks: Int, _ call: TileCall) {
    switch blocks {
    #if AVX512
    case 4:
        switch rows {
        case 1: tile(call, of: Size<1, 4>.self)
        case 2: tile(call, of: Size<2, 4>.self)
        case 3: tile(call, of: Size<3, 4>.self)
        case 4: tile(call, of: Size<4, 4>.self)
        case 5: tile(call, of: Size<5, 4>.self)
        default: tile(call, of: Size<6, 4>.self)
        }
    case 3:
        switch rows {
        case 1: tile(call, of: Size<1, 3>.self)
        case 2: tile(call, of: Size<2, 3>.self)
        case 3: tile(call, of: Size<3, 3>.self)
        case 4: tile(call, of: Size<4, 3>.self)
        case 5: tile(call, of: Size<5, 3>.self)
        case 6: tile(call, of: Size<6, 3>.self)
        case 7: tile(call, of: Size<7, 3>.self)
        default: tile(call, of: Size<8, 3>.self)
        }
    case 2:
        switch rows {
        case 1: tile(call, of: Size<1, 2>.self)
        case 2: tile(call, of: Size<2, 2>.self)
        case 3: tile(call, of: Size<3, 2>.self)
        case 4: tile(call, of: Size<4, 2>.self)
        case 5: tile(call, of: Size<5, 2>.self)
        case 6: tile(call, of: Size<6, 2>.self)
        case 7: tile(call, of: Size<7, 2>.self)
        case 8: tile(call, of: Size<8, 2>.self)
        case 9: tile(call, of: Size<9, 2>.self)
        case 10: tile(call, of: Size<10, 2>.self)
        case 11: tile(call, of: Size<11, 2>.self)
        default: tile(call, of: Size<12, 2>.self)
        }
    #endif
    default:
        switch rows {
        case 1: tile(call, of: Size<1, 1>.self)
        #if FMA || arch(arm64)
        case 2: tile(call, of: Size<2, 1>.self)
        case 3: tile(call, of: Size<3, 1>.self)
        case 4: tile(call, of: Size<4, 1>.self)
        case 5: tile(call, of: Size<5, 1>.self)
        #endif
        #if AVX512
        case 6: tile(call, of: Size<6, 1>.self)
        case 7: tile(call, of: Size<7, 1>.self)
        case 8: tile(call, of: Size<8, 1>.self)
        case 9: tile(call, of: Size<9, 1>.self)
        case 10: tile(call, of: Size<10, 1>.self)
        case 11: tile(call, of: Size<11, 1>.self)
        case 12: tile(call, of: Size<12, 1>.self)
        case 13: tile(call, of: Size<13, 1>.self)
        default: tile(call, of: Size<14, 1>.self)
        #elseif FMA || arch(arm64)
        default: tile(call, of: Size<6, 1>.self)
        #else
        default: tile(call, of: Size<2, 1>.self)
        #endif
        }
    }
}

/// Names a tile's size as a type.
private enum Size<let rows: Int, let blocks: Int> {}

/// All sums of a tile stay in registers from the first product to the activation: loops over constants unroll whole.
@inline(__always)
private func tile<let rows: Int, let blocks: Int>(_ call: TileCall, of size: Size<rows, blocks>.Type) {
    var sums = InlineArray<rows, InlineArray<blocks, Vector>>(repeating: .init(repeating: Vector()))
    var weights = call.weights
    for segment in 0..<call.segments {
        var input = call.input + call.offsets[segment]
        for _ in 0..<call.depth {
            var column = InlineArray<blocks, Vector>(repeating: Vector())
            for block in 0..<blocks { column[block] = Vector(weights + block * 16) }
            for row in 0..<rows {
                let value = Vector(repeating: input[row * call.rowStride])
                for block in 0..<blocks { sums[row][block].accumulate(value, column[block]) }
            }
            weights += blocks * 16
            input += 1
        }
    }
    for block in 0..<blocks {
        let bias = call.bias.map { Vector($0 + block * 16) } ?? Vector()
        for row in 0..<rows {
            let place = block * call.blockStride + row * 16
            var sum = sums[row][block] + bias
            if let residual = call.residual { sum += Vector(residual + place) }
            (call.relu ? sum.rectified : sum).store(call.output + place)
        }
    }
}
