import Foundation

/// The small text files under /proc and /sys, whose size the system does not tell beforehand.
enum SystemFile {
    /// Nil when the file is not there or not readable; at most a megabyte of it.
    static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < 1 << 20 {
            let count = Foundation.read(file, &chunk, chunk.count)
            if count <= 0 { break }
            bytes += chunk[..<count]
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// The file's text without white space at its ends.
    static func line(_ path: String) -> String? {
        read(path)?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    static func integer(_ path: String) -> Int? { line(path).flatMap { Int($0) } }
}
