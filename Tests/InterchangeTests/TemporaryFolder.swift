import Foundation

/// Runs `body` with the path of an empty folder, which is gone afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
}

/// Writes `bytes` to a file and hands its path to `body`.
func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
        let path = folder + "/file"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try body(path)
    }
}
