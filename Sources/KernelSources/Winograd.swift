import CHost
import KernelTypes

/// Transforms the input tiles of `call` from `map` to `target` for F(m×m, 3×3), m = 2, 4 or 6.
package func transformInput(
    m: Int, _ call: WinogradCall, map: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>
) {
    switch m {
    case 2: transformInputs(call, map, target, 2, input2)
    case 4: transformInputs(call, map, target, 4, input4)
    default: transformInputs(call, map, target, 6, input6)
    }
}

/// Transforms 3×3 weights for F(m×m): `source` is [channel][tap][blocks · 16], `target` [channel][blocks · 16] for each
/// frequency, `frequencyStride` floats apart.
package func transformWeights(
    m: Int, _ source: UnsafePointer<Float>, channels: Int, blocks: Int, target: UnsafeMutablePointer<Float>,
    frequencyStride: Int
) {
    switch m {
    case 2: transformWeights(source, channels, blocks, target, frequencyStride, 2, weights2)
    case 4: transformWeights(source, channels, blocks, target, frequencyStride, 4, weights4)
    default: transformWeights(source, channels, blocks, target, frequencyStride, 6, weights6)
    }
}

@inline(__always)
private func transformWeights(
    _ source: UnsafePointer<Float>, _ channels: Int, _ blocks: Int, _ target: UnsafeMutablePointer<Float>,
    _ frequencyStride: Int, _ m: Int, _ transform: Transform
) {
    let (n, width) = (m + 2, blocks * 16)
    withScratch { half in
        for channel in 0..<channels {
            for block in 0..<blocks {
                let taps = source + channel * 9 * width + block * 16
                let place = target + channel * width + block * 16
                for tap in 0..<9 { chost_prefetch(taps + (tap * width + weightPrefetchDistance)) }
                for column in 0..<3 { transform(taps + column * width, 3 * width, half + column * 16, 48) }
                for row in 0..<n {
                    transform(half + row * 48, 16, place + row * n * frequencyStride, frequencyStride)
                }
            }
        }
    }
}

/// Transforms the products of `call` back from `source` to `map`, with bias (16), residual and ReLU.
package func transformOutput(
    m: Int, _ call: WinogradCall, source: UnsafePointer<Float>, map: UnsafeMutablePointer<Float>,
    bias: UnsafePointer<Float>, residual: UnsafePointer<Float>?, relu: Bool
) {
    switch m {
    case 2: transformOutputs(call, source, map, Vector(bias), residual, relu, 2, output2)
    case 4: transformOutputs(call, source, map, Vector(bias), residual, relu, 4, output4)
    default: transformOutputs(call, source, map, Vector(bias), residual, relu, 6, output6)
    }
}

@inline(__always)
private func transformInputs(
    _ call: WinogradCall, _ map: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ m: Int,
    _ transform: Transform
) {
    let n = m + 2
    withScratch { scratch in
        let (patch, half) = (scratch, scratch + n * n * 16)
        for tile in call.tiles {
            let inImage = tile % call.tilesPerImage
            let image = map + tile / call.tilesPerImage * call.imageStride
            let top = inImage / call.tilesAcross * m - 1
            let left = inImage % call.tilesAcross * m - 1
            if top >= 0, left >= 0, top + n <= call.height, left + n <= call.width {
                let source = image + (top * call.width + left) * 16
                if call.isFromMemory { fetchRows(n, m, from: source + n * 16, call.width * 16, chost_prefetch) }
                for column in 0..<n { transform(source + column * 16, call.width * 16, half + column * 16, n * 16) }
            } else {
                gather(call, image, top: top, left: left, n, patch)
                for column in 0..<n { transform(patch + column * 16, n * 16, half + column * 16, n * 16) }
            }
            let place = target + (tile - call.tiles.lowerBound) * 16
            for row in 0..<n {
                transform(half + row * n * 16, 16, place + row * n * call.frequencyStride, call.frequencyStride)
            }
        }
    }
}

/// Asks for pixels of tiles to come: the CPU does not guess that many rows at a time.
@inline(__always)
private func fetchRows(
    _ rows: Int, _ columns: Int, from start: UnsafePointer<Float>, _ stride: Int,
    _ fetch: (UnsafeRawPointer) -> Void
) {
    for row in 0..<rows { for column in 0..<columns { fetch(start + (row * stride + column * 16)) } }
}

/// Copies the n×n pixels from (`top`, `left`) on to `patch`, zero where they are outside the map.
@inline(__always)
private func gather(
    _ call: WinogradCall, _ image: UnsafePointer<Float>, top: Int, left: Int, _ n: Int,
    _ patch: UnsafeMutablePointer<Float>
) {
    for row in 0..<n {
        let y = top + row
        for column in 0..<n {
            let x = left + column
            let isInside = y >= 0 && y < call.height && x >= 0 && x < call.width
            let value = isInside ? Vector(image + (y * call.width + x) * 16) : Vector()
            value.store(patch + (row * n + column) * 16)
        }
    }
}

@inline(__always)
private func transformOutputs(
    _ call: WinogradCall, _ source: UnsafePointer<Float>, _ map: UnsafeMutablePointer<Float>, _ bias: Vector,
    _ residual: UnsafePointer<Float>?, _ relu: Bool, _ m: Int, _ transform: Transform
) {
    let n = m + 2
    withScratch { scratch in
        let (half, line) = (scratch, scratch + m * n * 16)
        for tile in call.tiles {
            let inImage = tile % call.tilesPerImage
            let image = tile / call.tilesPerImage * call.imageStride
            let top = inImage / call.tilesAcross * m
            let left = inImage % call.tilesAcross * m
            let place = source + (tile - call.tiles.lowerBound) * 16
            for column in 0..<n {
                transform(place + column * call.frequencyStride, n * call.frequencyStride, half + column * 16, n * 16)
            }
            let columns = min(m, call.width - left)
            if call.pools {
                // Bias and ReLU may come after the maximum, as both keep the order of values.
                for row in stride(from: 0, to: min(m, call.height - top), by: 2) {
                    transform(half + row * n * 16, 16, line, 16)
                    transform(half + (row + 1) * n * 16, 16, line + m * 16, 16)
                    let start = image + ((top + row) / 2 * (call.width / 2) + left / 2) * 16
                    for column in 0..<columns / 2 {
                        let place = line + column * 32
                        let upper = Vector(place).maximum(Vector(place + 16))
                        let lower = Vector(place + m * 16).maximum(Vector(place + (m + 1) * 16))
                        let sum = upper.maximum(lower) + bias
                        (relu ? sum.rectified : sum).store(map + start + column * 16)
                    }
                }
                continue
            }
            if call.isFromMemory {
                let next = image + (top * call.width + left + 2 * m) * 16
                fetchRows(m, m, from: map + next, call.width * 16, chost_prefetch_write)
            }
            for row in 0..<min(m, call.height - top) {
                transform(half + row * n * 16, 16, line, 16)
                let start = image + ((top + row) * call.width + left) * 16
                for column in 0..<columns {
                    var sum = Vector(line + column * 16) + bias
                    if let residual { sum += Vector(residual + start + column * 16) }
                    (relu ? sum.rectified : sum).store(map + start + column * 16)
                }
            }
        }
    }
}

/// How far ahead streamed weights are asked for, in floats.
private let weightPrefetchDistance = 4096

/// Memory on the stack, as much as the largest scheme needs: two patches of 8×8 vectors.
@inline(__always)
private func withScratch(_ body: (UnsafeMutablePointer<Float>) -> Void) {
    // Not a temporary allocation, which is on the heap from 1 KiB on.
    var scratch = InlineArray<128, Vector>(repeating: Vector())
    withUnsafeMutableBytes(of: &scratch) { bytes in
        body(bytes.baseAddress!.assumingMemoryBound(to: Float.self))
    }
}
