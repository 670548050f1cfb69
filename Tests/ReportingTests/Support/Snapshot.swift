import Foundation
import Testing

/// Compares text with the file of that name in Snapshots and shows the first line that differs. With
/// UPDATE_SNAPSHOTS=1 in the environment the file is written instead, to be looked at before it is committed.
func expectSnapshot(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Snapshots").appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
        return try Data(text.utf8).write(to: file)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    guard text != expected else { return }
    let (found, wanted) = (text.components(separatedBy: "\n"), expected.components(separatedBy: "\n"))
    let line = zip(found, wanted).prefix { $0 == $1 }.count
    func at(_ lines: [String]) -> String { line < lines.count ? lines[line] : "(the end)" }
    Issue.record(
        "\(name), line \(line + 1):\n  expected: \(at(wanted))\n  found:    \(at(found))",
        sourceLocation: sourceLocation)
}
