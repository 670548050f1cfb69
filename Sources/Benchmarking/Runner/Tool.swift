import Foundation

/// Other programs, looked up in `PATH` and run to their end.
enum Tool {
    /// What `arguments`, the program's name first, print; nil where that fails.
    static func output(_ arguments: [String]) -> String? {
        let output = Pipe()
        guard let data = try? finish(arguments, output: output) else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs `arguments`, whose output goes to standard error; false where that fails.
    static func succeeds(_ arguments: [String]) -> Bool {
        (try? finish(arguments, output: nil)) != nil
    }

    private struct Failure: Error {}

    private static func finish(_ arguments: [String], output: Pipe?) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output ?? FileHandle.standardError
        process.standardError = output == nil ? FileHandle.standardError : FileHandle.nullDevice
        try process.run()
        let data = try output?.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure() }
        return data
    }
}
