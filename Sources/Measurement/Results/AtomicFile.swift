import Foundation

/// Files that are whole or not there.
enum AtomicFile {
    /// Writes beside the target, flushes to the disk and puts the file in its place in one step. A reader sees the old
    /// file, or none, or the new one. With `replacing` false an existing file is an error.
    static func write(_ data: Data, to path: String, replacing: Bool) throws(MeasurementError) {
        let folder = (path as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(
                atPath: folder.isEmpty ? "." : folder, withIntermediateDirectories: true)
        } catch {
            throw .inaccessible(file: folder, reason: "cannot be created: \(reason(of: error))")
        }
        let temporary = (folder as NSString).appendingPathComponent(
            ".\((path as NSString).lastPathComponent).\(getpid()).\(UInt64.random(in: 0...UInt64.max)).tmp")
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure("written", path) }
        var done = false
        defer { if !done { unlink(temporary) } }
        let written = data.withUnsafeBytes { writeAll($0, to: file) } && fsync(file) == 0
        guard written else {
            let error = failure("written", path)
            close(file)
            throw error
        }
        guard close(file) == 0 else { throw failure("written", path) }
        // A link fails where the name is taken; a rename replaces.
        var placed = (replacing ? rename(temporary, path) : link(temporary, path)) == 0
        done = placed && replacing
        if !placed, !replacing, [EPERM, ENOTSUP, ENOSYS].contains(errno), access(path, F_OK) != 0 {
            // A file system without links.
            placed = rename(temporary, path) == 0
            done = placed
        }
        guard placed else { throw failure("written", path) }
        syncFolder(folder.isEmpty ? "." : folder)
    }

    /// The whole file; refuses what is not a regular file or is larger than `maximumBytes`.
    static func read(_ path: String, maximumBytes: Int) throws(MeasurementError) -> Data {
        // Without O_NONBLOCK a named pipe would wait for its writer.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw failure("read", path) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure("read", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .inaccessible(file: path, reason: "cannot be read: not a regular file")
        }
        guard status.st_size <= maximumBytes else {
            throw .malformed(file: path, reason: "has \(status.st_size) bytes, more than the \(maximumBytes) allowed")
        }
        do {
            return try FileHandle(fileDescriptor: file, closeOnDealloc: false).read(upToCount: maximumBytes) ?? Data()
        } catch {
            throw .inaccessible(file: path, reason: "cannot be read: \(reason(of: error))")
        }
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = Foundation.write(file, rest.baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                return false
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }

    /// So that the new name survives a power cut too; some file systems refuse, which is no reason to fail.
    private static func syncFolder(_ path: String) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = fsync(file)
        close(file)
    }

    private static func failure(_ verb: String, _ path: String) -> MeasurementError {
        .inaccessible(file: path, reason: "cannot be \(verb): \(String(cString: strerror(errno)))")
    }
}

/// What the system said, without Foundation's wrapping.
func reason(of error: any Error) -> String {
    let error = error as NSError
    if let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError, cause.domain == NSPOSIXErrorDomain {
        return String(cString: strerror(Int32(cause.code)))
    }
    return error.localizedDescription
}
