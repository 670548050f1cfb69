import Foundation

/// A temporary folder of one run, made when it is first needed.
final class Workspace: Sendable {
    private let root: URL

    init() {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("harness-\(UUID().uuidString)")
    }

    /// The path of a sub-folder, which is made.
    func folder(_ name: String) throws -> String {
        let folder = root.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.path
    }

    func remove() { try? FileManager.default.removeItem(at: root) }
}
