import Foundation

/// The folder with golden files, corpora and data that are too large or not free enough to ship: `../shared` beside
/// the checkout. Tests that need it are skipped where it is missing: `@Test(.enabled(if: Shared.exists, Shared.why))`.
package enum Shared {
    package static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("shared")

    package static var exists: Bool { FileManager.default.fileExists(atPath: root.path) }

    /// The path of a file in it, such as `golden/vgg.pth`.
    package static func path(_ relative: String) -> String { root.appendingPathComponent(relative).path }
}
