/// Channels of several blocked maps one after the other, as one blocked map.
package enum Concatenation {
    /// `channels` of each input; the maps have `pixels` pixels.
    package static func run(
        _ input: (Int) -> UnsafePointer<Float>, channels: [Int], to output: UnsafeMutablePointer<Float>, batch: Int,
        pixels: Int
    ) {
        let total = channels.reduce(0, +)
        let outputBlocks = Blocked.count(total)
        for image in 0..<batch {
            let target = output + image * outputBlocks * pixels * 16
            var first = 0
            for (index, count) in channels.enumerated() {
                let source = input(index) + image * Blocked.count(count) * pixels * 16
                if first % 16 == 0 {
                    // Whole blocks, and the zeros after the last channel, which later channels overwrite.
                    let floats = Blocked.count(count) * pixels * 16
                    (target + first / 16 * pixels * 16).update(from: source, count: floats)
                } else {
                    for channel in 0..<count {
                        let from = source + channel / 16 * pixels * 16 + channel % 16
                        let to = target + (first + channel) / 16 * pixels * 16 + (first + channel) % 16
                        for pixel in 0..<pixels { to[pixel * 16] = from[pixel * 16] }
                    }
                }
                first += count
            }
            for channel in total..<outputBlocks * 16 {
                let to = target + channel / 16 * pixels * 16 + channel % 16
                for pixel in 0..<pixels { to[pixel * 16] = 0 }
            }
        }
    }
}
