import ArgumentParser
import Benchmarking

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check every file that a manifest names against its SHA-256.",
        discussion: "EXAMPLE\n  harness verify")

    @OptionGroup var folders: FolderOptions

    func run() throws {
        let findings = try Verification.run(try folders.locations()) { Terminal.progress("\($0)") }
        Terminal.clearProgress()
        for problem in findings.problems { Terminal.note(problem) }
        Terminal.print("\(findings.checked) files checked, \(findings.problems.count) wrong")
        if !findings.problems.isEmpty { throw ExitStatus.badInput }
    }
}
