import Tensors

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

enum FileContents {
    /// A file's bytes, mapped read-only. The file must not be shortened in place while they are in use; replacing it by
    /// a rename does no harm.
    static func map(_ path: String) throws(CheckpointError) -> Storage {
        // O_NONBLOCK: opening a named pipe must not wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .inaccessible(file: path, reason: systemReason()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .inaccessible(file: path, reason: systemReason()) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .inaccessible(file: path, reason: "is a directory, not a checkpoint file")
        default: throw .inaccessible(file: path, reason: "is not a regular file")
        }
        let size = Int(status.st_size)
        guard size > 0 else { throw .malformed(file: path, reason: "the file is empty") }
        guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw .inaccessible(file: path, reason: systemReason())
        }
        return Storage(file: base, byteCount: size) { munmap(base, size) }
    }

    static func systemReason() -> String { String(cString: strerror(errno)) }
}

extension Storage {
    var bytes: UnsafeRawBufferPointer { .init(start: base, count: byteCount) }
}

/// Reads little-endian numbers and runs of bytes in order, and never beyond the end.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    /// What is being read, for the message when it ends too soon.
    let subject: String

    init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0, subject: String) {
        precondition(position >= 0 && position <= bytes.count)
        self.bytes = bytes
        self.position = position
        self.subject = subject
    }

    var remaining: Int { bytes.count - position }

    mutating func take(_ count: Int) throws(Defect) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else { throw Defect("\(subject) ends too soon, at byte \(position)") }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type
    ) throws(Defect) -> Value {
        Value(littleEndian: try take(MemoryLayout<Value>.size).loadUnaligned(as: Value.self))
    }

    /// The bytes up to the next line feed, which is skipped.
    mutating func line() throws(Defect) -> UnsafeRawBufferPointer {
        guard let end = bytes[position...].prefix(1024).firstIndex(of: 0x0a) else {
            throw Defect("\(subject) has an unfinished line at byte \(position)")
        }
        defer { position = end + 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<end])
    }
}
