import Foundation
import Hashing

/// SHA-256 digests as lower-case hexadecimal text.
package enum Digest {
    package static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bytes)
        return hash.hexadecimal()
    }

    package static func sha256(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { sha256($0) } }

    /// The digest of the elements' bytes in row-major order.
    package static func sha256(_ tensor: Tensor) -> String { sha256(UnsafeRawBufferPointer(tensor.floats)) }

    /// The digest of a file's bytes, read in pieces.
    package static func sha256(file path: String) throws -> String {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        var hash = SHA256()
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(piece) }
        return hash.hexadecimal()
    }
}
