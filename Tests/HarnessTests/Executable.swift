import Foundation
import Measurement
import Testing

/// The built program, run as a user would.
struct Executable {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    /// A signal to send as soon as `once` stands among the errors.
    struct Interruption {
        let signal: Int32
        let once: String
    }

    /// Beside the tests' own bundle.
    static let path: String = {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("harness")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate.path }
            folder.deleteLastPathComponent()
        }
        return root.appendingPathComponent(".build/release/harness").path
    }()

    /// The checkout.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

    /// Runs it to its end, or kills it after `timeout` seconds, which is a failure of the test.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], timeout: Double = 120,
        interruptAfter: Double? = nil, interruption: Interruption? = nil
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(["HARNESS_HOME": root.path]) { $1 }.merging(environment) { $1 }
        let folder = try TemporaryFolder()
        let (output, errors) = (folder.path("output"), folder.path("errors"))
        for file in [output, errors] { FileManager.default.createFile(atPath: file, contents: nil) }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let start = Date()
        var interrupted = false
        while process.isRunning {
            usleep(5_000)
            let elapsed = Date().timeIntervalSince(start)
            if let interruptAfter, elapsed > interruptAfter, !interrupted {
                process.interrupt()
                interrupted = true
            }
            if let interruption, !interrupted,
                try String(contentsOfFile: errors, encoding: .utf8).contains(interruption.once)
            {
                kill(process.processIdentifier, interruption.signal)
                interrupted = true
            }
            if elapsed > timeout {
                kill(process.processIdentifier, SIGKILL)
                Issue.record("harness \(arguments.joined(separator: " ")) hung")
            }
        }
        process.waitUntilExit()
        if process.terminationReason == .uncaughtSignal, process.terminationStatus != interruption?.signal {
            Issue.record("harness \(arguments.joined(separator: " ")) died of signal \(process.terminationStatus)")
        }
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }
}

/// A folder that goes when the test does.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("harness-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    deinit { try? FileManager.default.removeItem(at: url) }
}

/// The one results file of a folder, or of its sub-folder `name`.
func onlyResults(in folder: TemporaryFolder, _ name: String = "") throws -> Results {
    let files = try ResultsStore(folder: name.isEmpty ? folder.url.path : folder.path(name)).list()
    try #require(files.count == 1)
    return try ResultsStore.read(files[0])
}
