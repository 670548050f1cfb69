import Foundation

#if canImport(Darwin)
import Darwin
private let systemWrite = Darwin.write
#else
import Glibc
private let systemWrite = Glibc.write
#endif

extension Checkpoint {
    /// Writes tensors and metadata as safetensors, laid out byte for byte as the reference library does (types of
    /// larger elements first, then by name). The file appears whole or not at all; `values` are not written.
    package func write(to path: String) throws(CheckpointError) {
        let ordered = try sorted(path)
        let target = try AtomicFile(path)
        do throws(CheckpointError) {
            try target.write(header(ordered))
            for (_, tensor) in ordered { try target.write(try tensor.bytes()) }
            try target.commit()
        } catch {
            target.discard()
            throw error
        }
    }

    private func sorted(_ path: String) throws(CheckpointError) -> [(name: String, tensor: StoredTensor)] {
        for name in tensors.keys {
            do throws(Defect) {
                try checkName(name)
                if name == "__metadata__" { throw Defect("no tensor can be named __metadata__") }
            } catch { throw error.inFile(path) }
        }
        let ranks = Dictionary(uniqueKeysWithValues: Safetensors.typeNames.enumerated().map { ($1.type, $0) })
        return tensors.map { (name: $0.key, tensor: $0.value) }.sorted {
            let left = ranks[$0.tensor.scalarType] ?? 0
            let right = ranks[$1.tensor.scalarType] ?? 0
            return left == right ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) : left > right
        }
    }

    /// The length and the JSON text, padded with spaces so that the data begins at a multiple of 8.
    private func header(_ ordered: [(name: String, tensor: StoredTensor)]) -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key < $1.key }.map { "\(json($0.key)):\(json($0.value))" }
            members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
        }
        var offset = 0
        for (name, tensor) in ordered {
            let end = offset + tensor.byteCount
            let type = Safetensors.typeNames.first { $0.type == tensor.scalarType }?.name ?? ""
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(json(name)):{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var text = Array("{\(members.joined(separator: ","))}".utf8)
        text.append(contentsOf: [UInt8](repeating: 0x20, count: -text.count & 7))
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    }

    private func json(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{8}": result += "\\b"
            case "\u{c}": result += "\\f"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\0"..<" ": result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// A file that is written beside its final place, flushed to the disk and then renamed.
private struct AtomicFile {
    private let path: String
    private let temporary: String
    private let descriptor: Int32

    init(_ path: String) throws(CheckpointError) {
        self.path = path
        temporary = "\(path).\(UUID().uuidString).tmp"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .inaccessible(file: path, reason: FileContents.systemReason()) }
    }

    func write(_ bytes: [UInt8]) throws(CheckpointError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .inaccessible(file: path, reason: FileContents.systemReason()) }
            written += count
        }
    }

    func commit() throws(CheckpointError) {
        guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
            throw .inaccessible(file: path, reason: FileContents.systemReason())
        }
        close(descriptor)
        // Make the new name itself last; where the folder cannot be opened, the file is complete all the same.
        let folder = open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    /// After a failure.
    func discard() {
        unlink(temporary)
        close(descriptor)
    }
}
