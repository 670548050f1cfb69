import CImageShims
import Foundation
import Tensors

/// An image in planes at the full depth of its file, turned as its EXIF orientation says.
package struct PlanarImage: Sendable {
    package let width: Int
    package let height: Int
    /// Bits per sample of the file, 8 or 16.
    package let depth: Int
    /// Without colour; its three planes are equal.
    package let isGrey: Bool
    /// 1×3×H×W in [0, 1].
    package let colours: Tensor
    /// H×W in [0, 1]; nil for an opaque image.
    package let alpha: [Float]?

    package init(file path: String) throws(ImageError) {
        var shim = try ImageFile.decode(path)
        defer { free(shim.pixels) }
        if shim.cmyk != 0 {
            let rgb = Image(
                width: Int(shim.width), height: Int(shim.height), channels: 3, pixels: RGBConversion.convert(&shim))
            self.init(rgb.oriented(Int(shim.orientation)))
        } else if shim.depth == 8 {
            let count = Int(shim.width) * Int(shim.height) * Int(shim.channels)
            let image = Image(
                width: Int(shim.width), height: Int(shim.height), channels: Int(shim.channels),
                pixels: Array(UnsafeRawBufferPointer(start: shim.pixels, count: count)))
            self.init(image.oriented(Int(shim.orientation)))
        } else {
            let samples = UnsafeBufferPointer(
                start: shim.pixels.assumingMemoryBound(to: UInt16.self),
                count: Int(shim.width) * Int(shim.height) * Int(shim.channels))
            self.init(
                width: Int(shim.width), height: Int(shim.height), channels: Int(shim.channels), depth: 16
            ) { Float(samples[$0]) / 65535 }
        }
    }

    package init(_ image: Image) {
        self = image.pixels.withUnsafeBufferPointer { samples in
            PlanarImage(width: image.width, height: image.height, channels: image.channels, depth: 8) {
                Float(samples[$0]) / 255
            }
        }
    }

    /// - Parameter sample: by its place in height × width × channels.
    private init(width: Int, height: Int, channels: Int, depth: Int, sample: (Int) -> Float) {
        let count = width * height
        let isGrey = channels < 3
        (self.width, self.height, self.depth, self.isGrey) = (width, height, depth, isGrey)
        colours = Tensor(shape: [1, 3, height, width]) { target in
            for channel in 0..<3 {
                for pixel in 0..<count {
                    target[channel * count + pixel] = sample(pixel * channels + (isGrey ? 0 : channel))
                }
            }
        }
        alpha = channels % 2 == 0 ? (0..<count).map { sample($0 * channels + channels - 1) } : nil
    }
}

/// The pixels of an image that comes in pieces, in the depth and with the channels of the one it is made from.
package final class PixelCanvas: @unchecked Sendable {
    package let width: Int
    package let height: Int
    /// Bytes of an image's pixels.
    package static func byteCount(width: Int, height: Int, like image: PlanarImage) -> Int {
        width * height * channels(of: image) * image.depth / 8
    }

    private let channels: Int
    private let isGrey: Bool
    private let depth: Int
    private let samples: Storage

    private static func channels(of image: PlanarImage) -> Int { (image.isGrey ? 1 : 3) + (image.alpha == nil ? 0 : 1) }

    package init(width: Int, height: Int, like image: PlanarImage) {
        (self.width, self.height, isGrey, depth) = (width, height, image.isGrey, image.depth)
        channels = Self.channels(of: image)
        samples = Storage(byteCount: Self.byteCount(width: width, height: height, like: image))
    }

    /// Sets the colours of `count` pixels of row `y` from column `x` on; pieces may be set from several threads.
    ///
    /// - Parameter colour: red, green and blue of a pixel in [0, 1]; others are clamped, grey is their luma (BT.601).
    package func set(y: Int, x: Int, count: Int, colour: (Int) -> SIMD3<Float>) {
        for pixel in 0..<count {
            let value = colour(pixel)
            let place = (y * width + x + pixel) * channels
            if isGrey {
                store((value * SIMD3(0.299, 0.587, 0.114)).sum(), place)
            } else {
                for channel in 0..<3 { store(value[channel], place + channel) }
            }
        }
    }

    /// Sets the alpha of the whole image, H×W.
    package func setAlpha(_ alpha: [Float]) {
        for (pixel, value) in alpha.enumerated() { store(value, pixel * channels + channels - 1) }
    }

    private func store(_ value: Float, _ place: Int) {
        // What is no number becomes black.
        let unit = value > 0 ? min(value, 1) : 0
        if depth == 16 {
            samples.base.storeBytes(of: UInt16(unit * 65535 + 0.5), toByteOffset: place * 2, as: UInt16.self)
        } else {
            samples.base.storeBytes(of: UInt8(unit * 255 + 0.5), toByteOffset: place, as: UInt8.self)
        }
    }

    /// Writes a PNG; the file appears whole or not at all.
    package func writePNG(_ path: String) throws(ImageError) {
        let bytes = UnsafeRawBufferPointer(start: samples.base, count: samples.byteCount)
        try Samples(width: width, height: height, channels: channels, depth: depth).write(bytes, path) {
            image_shim_encode_png($0, &$1)
        }
    }
}
