import CImageShims
import Foundation

extension Image {
    /// Writes a PNG; the file appears whole or not at all.
    package func writePNG(_ path: String) throws(ImageError) {
        try write(path) { image_shim_encode_png($0, &$1) }
    }

    /// The image as the bytes of a PNG file.
    package func png() throws(ImageError) -> Data {
        var buffer: UnsafeMutablePointer<CChar>?
        var size = 0
        guard let file = open_memstream(&buffer, &size) else {
            throw .inaccessible(file: "a PNG in memory", reason: String(cString: strerror(errno)))
        }
        defer { free(buffer) }
        let samples = Samples(width: width, height: height, channels: channels, depth: 8)
        let status = pixels.withUnsafeBytes { samples.encode($0, to: file, by: { image_shim_encode_png($0, &$1) }) }
        guard fclose(file) == 0, status == 1, let buffer else {
            throw .inaccessible(file: "a PNG in memory", reason: "cannot be written")
        }
        return Data(bytes: buffer, count: size)
    }

    /// Writes a JPEG of quality 1 to 100; alpha is not kept.
    package func writeJPEG(_ path: String, quality: Int = 92) throws(ImageError) {
        try withoutAlpha.write(path) { image_shim_encode_jpeg($0, Int32(quality), &$1) }
    }

    private var withoutAlpha: Image {
        guard channels == 2 || channels == 4 else { return self }
        let kept = stride(from: 0, to: pixels.count, by: channels).flatMap { pixels[$0..<$0 + channels - 1] }
        return Image(width: width, height: height, channels: channels - 1, pixels: kept)
    }

    private func write(
        _ path: String, encode: (UnsafeMutablePointer<FILE>, inout image_shim) -> Int32
    ) throws(ImageError) {
        let samples = Samples(width: width, height: height, channels: channels, depth: 8)
        let result = pixels.withUnsafeBytes { bytes in
            Result { () throws(ImageError) in try samples.write(bytes, path, encode: encode) }
        }
        try result.get()
    }
}

/// How samples lie in memory: height × width × channels, of 8 bits or of 16 in the machine's byte order.
struct Samples {
    let width: Int
    let height: Int
    let channels: Int
    let depth: Int

    /// Writes a file that appears whole or not at all; the samples are read where they are.
    func write(
        _ bytes: UnsafeRawBufferPointer, _ path: String, encode: (UnsafeMutablePointer<FILE>, inout image_shim) -> Int32
    ) throws(ImageError) {
        let temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier).tmp"
        guard let file = fopen(temporary, "wb") else {
            throw .inaccessible(file: path, reason: String(cString: strerror(errno)))
        }
        let status = self.encode(bytes, to: file, by: encode)
        guard fclose(file) == 0, status == 1, rename(temporary, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw .inaccessible(file: path, reason: "cannot be written: \(reason)")
        }
    }

    /// Returns 1 when all went well.
    fileprivate func encode(
        _ bytes: UnsafeRawBufferPointer, to file: UnsafeMutablePointer<FILE>,
        by encode: (UnsafeMutablePointer<FILE>, inout image_shim) -> Int32
    ) -> Int32 {
        var shim = image_shim()
        (shim.width, shim.height) = (UInt32(width), UInt32(height))
        (shim.channels, shim.depth) = (Int32(channels), Int32(depth))
        // The encoders only read.
        shim.pixels = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        return encode(file, &shim)
    }
}
