import CImageShims

/// Decoded pixels to 8-bit RGB by the rules of Pillow's `convert("RGB")`.
enum RGBConversion {
    static func convert(_ shim: inout image_shim) -> [UInt8] {
        let pixels = Int(shim.width) * Int(shim.height)
        let channels = Int(shim.channels)
        return [UInt8](unsafeUninitializedCapacity: pixels * 3) { target, count in
            count = pixels * 3
            if shim.depth == 16 {
                narrow(shim.pixels.assumingMemoryBound(to: UInt16.self), channels, pixels, target)
                return
            }
            let source = shim.pixels.assumingMemoryBound(to: UInt8.self)
            if shim.cmyk != 0 {
                fromCMYK(source, pixels, target)
            } else if channels == 3 {
                _ = target.update(fromContentsOf: UnsafeBufferPointer(start: source, count: pixels * 3))
            } else {
                let step = channels < 3 ? 0 : 1
                for pixel in 0..<pixels {
                    for channel in 0..<3 { target[pixel * 3 + channel] = source[pixel * channels + channel * step] }
                }
            }
        }
    }

    /// 16 bits to 8: the high byte. (For plain grey Pillow's `convert("RGB")` saturates at 255 instead, which leaves a
    /// white image.)
    private static func narrow(
        _ source: UnsafePointer<UInt16>, _ channels: Int, _ pixels: Int, _ target: UnsafeMutableBufferPointer<UInt8>
    ) {
        for pixel in 0..<pixels {
            for channel in 0..<3 {
                let value = source[pixel * channels + (channels < 3 ? 0 : channel)]
                target[pixel * 3 + channel] = UInt8(value >> 8)
            }
        }
    }

    /// Inverted CMYK, 255 meaning no ink: `k' − c·k'/255` with c the ink, rounded as Pillow's MULDIV255 does.
    private static func fromCMYK(
        _ source: UnsafePointer<UInt8>, _ pixels: Int, _ target: UnsafeMutableBufferPointer<UInt8>
    ) {
        for pixel in 0..<pixels {
            let light = Int(source[pixel * 4 + 3])
            for channel in 0..<3 {
                let ink = 255 - Int(source[pixel * 4 + channel])
                let product = ink * light + 128
                target[pixel * 3 + channel] = UInt8(max(0, light - ((product >> 8) + product) >> 8))
            }
        }
    }
}
