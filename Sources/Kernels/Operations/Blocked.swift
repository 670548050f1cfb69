/// The layout of activations inside the engine: [N][⌈C/16⌉][H][W][16] float32; the lanes past the last channel hold
/// zeros.
package enum Blocked {
    /// Blocks of 16 channels.
    package static func count(_ channels: Int) -> Int { (channels + 15) / 16 }

    /// Planar N×C×H×W to blocked.
    package static func fromPlanar(
        _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, batch: Int, channels: Int, pixels: Int
    ) {
        let blocks = count(channels)
        for image in 0..<batch {
            for block in 0..<blocks {
                let place = target + (image * blocks + block) * pixels * 16
                for lane in 0..<16 {
                    let channel = block * 16 + lane
                    guard channel < channels else {
                        for pixel in 0..<pixels { place[pixel * 16 + lane] = 0 }
                        continue
                    }
                    let plane = source + (image * channels + channel) * pixels
                    for pixel in 0..<pixels { place[pixel * 16 + lane] = plane[pixel] }
                }
            }
        }
    }

    /// Blocked to planar N×C×H×W, or with `rowStride` to rows of C·H·W that are so far apart.
    package static func toPlanar(
        _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, batch: Int, channels: Int, pixels: Int,
        rowStride: Int? = nil
    ) {
        let blocks = count(channels)
        for image in 0..<batch {
            let row = target + image * (rowStride ?? channels * pixels)
            for channel in 0..<channels {
                let place = source + (image * blocks + channel / 16) * pixels * 16 + channel % 16
                let plane = row + channel * pixels
                for pixel in 0..<pixels { plane[pixel] = place[pixel * 16] }
            }
            if let rowStride {
                for index in channels * pixels..<max(rowStride, channels * pixels) { row[index] = 0 }
            }
        }
    }
}
