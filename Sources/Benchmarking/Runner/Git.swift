import Foundation
import Measurement

/// The state of the checkout that the program was built from, as far as git tells.
enum Git {
    static func state() -> GitRecord? {
        let home = Locations().suites
        guard let commit = run(["-C", home, "rev-parse", "HEAD"]),
            let status = run(["-C", home, "status", "--porcelain", "--untracked-files=no"])
        else { return nil }
        return GitRecord(commit: commit, dirty: !status.isEmpty)
    }

    private static func run(_ arguments: [String]) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil, let data = try? output.fileHandleForReading.readToEnd() ?? Data() else {
            return nil
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
