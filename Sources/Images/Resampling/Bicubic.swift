/// Bicubic resampling as MATLAB's imresize does it, the convention of super-resolution: Keys' cubic with a = −1/2,
/// widened when shrinking (antialiasing), the axis that shrinks most first. Beyond the border its pixels are repeated, as in
/// the version that the benchmarks were made with; later ones mirror.
package enum Bicubic {
    /// What one output position takes: weights that sum to 1, of input positions.
    private struct Taps {
        var indices: [Int] = []
        var weights: [Double] = []
    }

    /// A plane of height × width to another size.
    ///
    /// - Parameter rounding: applied after each axis (imresize rounds images of 8 bits to whole numbers).
    package static func resize(
        _ plane: [Float], height: Int, width: Int, newHeight: Int, newWidth: Int,
        rounding: (Float) -> Float = { $0 }
    ) -> [Float] {
        precondition(plane.count == height * width && newHeight > 0 && newWidth > 0)
        let rowsFirst = newHeight * width <= newWidth * height
        if rowsFirst {
            let tall = vertical(plane, height: height, width: width, newHeight: newHeight, rounding)
            return horizontal(tall, height: newHeight, width: width, newWidth: newWidth, rounding)
        }
        let wide = horizontal(plane, height: height, width: width, newWidth: newWidth, rounding)
        return vertical(wide, height: height, width: newWidth, newHeight: newHeight, rounding)
    }

    private static func vertical(
        _ plane: [Float], height: Int, width: Int, newHeight: Int, _ rounding: (Float) -> Float
    ) -> [Float] {
        if newHeight == height { return plane }
        var result = [Float](repeating: 0, count: newHeight * width)
        var sums = [Double](repeating: 0, count: width)
        for (row, taps) in taps(height, newHeight).enumerated() {
            for x in 0..<width { sums[x] = 0 }
            for (index, weight) in zip(taps.indices, taps.weights) {
                for x in 0..<width { sums[x] += weight * Double(plane[index * width + x]) }
            }
            for x in 0..<width { result[row * width + x] = rounding(Float(sums[x])) }
        }
        return result
    }

    private static func horizontal(
        _ plane: [Float], height: Int, width: Int, newWidth: Int, _ rounding: (Float) -> Float
    ) -> [Float] {
        if newWidth == width { return plane }
        var result = [Float](repeating: 0, count: height * newWidth)
        for (column, taps) in taps(width, newWidth).enumerated() {
            for y in 0..<height {
                var sum = 0.0
                for tap in taps.indices.indices {
                    sum += taps.weights[tap] * Double(plane[y * width + taps.indices[tap]])
                }
                result[y * newWidth + column] = rounding(Float(sum))
            }
        }
        return result
    }

    private static func taps(_ size: Int, _ newSize: Int) -> [Taps] {
        let scale = Double(newSize) / Double(size)
        let shrink = min(scale, 1)
        let support = 4 / shrink
        return (0..<newSize).map { output in
            // The output's centre, in pixels whose centres are whole numbers.
            let centre = (Double(output) + 0.5) / scale - 0.5
            let first = Int((centre - support / 2).rounded(.down))
            var taps = Taps()
            for index in first..<first + Int(support.rounded(.up)) + 2 {
                let weight = cubic((centre - Double(index)) * shrink)
                if weight == 0 { continue }
                taps.indices.append(min(max(index, 0), size - 1))
                taps.weights.append(weight)
            }
            let sum = taps.weights.reduce(0, +)
            taps.weights = taps.weights.map { $0 / sum }
            return taps
        }
    }

    private static func cubic(_ x: Double) -> Double {
        let x = abs(x)
        if x <= 1 { return (1.5 * x - 2.5) * x * x + 1 }
        return x <= 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
    }
}

extension Image {
    /// As imresize makes it from an image of 8 bits.
    package func bicubic(width newWidth: Int, height newHeight: Int) -> Image {
        var result = [UInt8](repeating: 0, count: newWidth * newHeight * channels)
        for channel in 0..<channels {
            let plane = stride(from: channel, to: pixels.count, by: channels).map { Float(pixels[$0]) }
            let resized = Bicubic.resize(
                plane, height: height, width: width, newHeight: newHeight, newWidth: newWidth
            ) { min(max($0.rounded(), 0), 255) }
            for (pixel, value) in resized.enumerated() { result[pixel * channels + channel] = UInt8(value) }
        }
        return Image(width: newWidth, height: newHeight, channels: channels, pixels: result)
    }
}
