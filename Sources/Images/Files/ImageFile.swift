import CImageShims
import Foundation

/// Reads PNG and JPEG files; which of them a file is shows in its first bytes, not in its name.
package struct ImageFile: Sendable {
    /// Images of more pixels are refused before memory is taken.
    package static let pixelLimit = 150_000_000
    /// Scans of a progressive JPEG; each costs time over the whole image.
    static let scanLimit = 500

    /// As Pillow's `convert("RGB")` gives it: alpha dropped, not applied.
    package let image: Image
    /// The EXIF orientation, 1 to 8, which is not applied.
    package let orientation: Int

    package init(_ path: String) throws(ImageError) {
        var shim = try Self.decode(path)
        defer { free(shim.pixels) }
        orientation = Int(shim.orientation)
        image = Image(
            width: Int(shim.width), height: Int(shim.height), channels: 3, pixels: RGBConversion.convert(&shim))
    }

    static func decode(_ path: String) throws(ImageError) -> image_shim {
        var info = stat()
        guard stat(path, &info) == 0 else {
            throw .inaccessible(file: path, reason: String(cString: strerror(errno)))
        }
        // Opening a pipe would wait for somebody to write into it.
        guard info.st_mode & S_IFMT == S_IFREG else { throw .malformed(file: path, reason: "not a regular file") }
        guard let file = fopen(path, "rb") else {
            throw .inaccessible(file: path, reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var start = [UInt8](repeating: 0, count: 8)
        let count = fread(&start, 1, 8, file)
        guard ferror(file) == 0 else { throw .inaccessible(file: path, reason: String(cString: strerror(errno))) }
        guard count > 0 else { throw .malformed(file: path, reason: "the file is empty") }
        rewind(file)
        var shim = image_shim()
        let status: Int32
        if start == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] {
            status = image_shim_decode_png(file, UInt64(pixelLimit), &shim)
        } else if start.starts(with: [0xFF, 0xD8]) {
            status = image_shim_decode_jpeg(file, UInt64(pixelLimit), Int32(scanLimit), &shim)
        } else {
            throw .malformed(file: path, reason: "neither a PNG nor a JPEG")
        }
        guard status == 1 else {
            let reason = withUnsafeBytes(of: shim.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            throw .malformed(file: path, reason: "broken image: \(reason)")
        }
        return shim
    }
}
