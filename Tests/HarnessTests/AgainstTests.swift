import Foundation
import Measurement
import Testing

/// `harness run --against` and `harness baseline` from the outside.
@Suite(.serialized) struct AgainstTests {
    /// A build whose workers are told something else than they are asked: `script` edits the lines of the protocol.
    private func wrapper(in folder: TemporaryFolder, script: String) throws -> String {
        let path = folder.path("other")
        try Data(
            """
            #!/bin/sh
            case "$1" in
              worker) sed -u '\(script)' | '\(Executable.path)' worker ;;
              *) exec '\(Executable.path)' "$@" ;;
            esac
            """.utf8
        ).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    private func run(_ folder: TemporaryFolder, against: String, _ more: String...) throws -> Executable.Outcome {
        try Executable.run(
            [
                "run", "--suite", "smoke", "--case", "vgg-mnist", "--repeats", "6", "--max-seconds", "0.6", "--results",
                folder.path("results"), "--against", against,
            ] + more)
    }

    @Test func slowerBuildIsFound() throws {
        let folder = try TemporaryFolder()
        // Only this build is made to use the plain reference loops.
        let other = try wrapper(in: folder, script: #"s/"algorithm":"reference",*//"#)
        let outcome = try run(folder, against: other, "--algorithm", "reference")
        #expect(outcome.status == 2, "\(outcome.output)\(outcome.errors)")
        let store = ResultsStore(folder: folder.path("results"))
        let both = try store.list().map { try ResultsStore.read($0) }
        #expect(both.count == 2)
        let candidate = try #require(both.first { $0.run.pair?.role == .candidate })
        let baseline = try #require(both.first { $0.run.pair?.role == .baseline })
        #expect(candidate.run.pair?.run == baseline.run.id && baseline.run.pair?.run == candidate.run.id)
        for one in both { #expect(one.cases[0].latencySeconds?.blocks?.count == 6) }
        // The other build's run is not the newest of this one.
        let newest = try #require(try store.newest(of: "smoke"))
        #expect(try ResultsStore.read(newest).run.id == candidate.run.id)
        let path = try #require(try store.list().first { $0.contains(baseline.run.id) })
        #expect(try Executable.run("baseline", "save", "main", path, "--results", store.folder).status == 0)
        #expect(try Executable.run("baseline", "check", "main", "--results", store.folder).status == 2)
        #expect(try Executable.run("baseline", "check", "other", "--results", store.folder).status == 74)
    }

    @Test func otherInputsAreNotCompared() throws {
        let folder = try TemporaryFolder()
        let outcome = try run(folder, against: try wrapper(in: folder, script: #"s/"seed":1/"seed":2/"#))
        #expect(outcome.status == 6, "\(outcome.output)\(outcome.errors)")
    }

    @Test func failingBuildIsNamed() throws {
        let folder = try TemporaryFolder()
        let outcome = try run(folder, against: try wrapper(in: folder, script: "s/load/unload/"))
        #expect(outcome.status == 6)
        #expect(outcome.output.contains("the baseline failed"), "\(outcome.output)")
    }

    @Test(arguments: ["no-such-revision", "--help", "README.md"])
    func wrongBuild(name: String) throws {
        let folder = try TemporaryFolder()
        let outcome = try run(folder, against: name)
        #expect([64, 74].contains(outcome.status) && !FileManager.default.fileExists(atPath: folder.path("results")))
    }

    @Test func twoRunsAtOnce() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("results")
        let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    try Executable.run([
                        "run", "--suite", "smoke", "--quick", "--max-seconds", "0.1", "--results", path,
                    ])
                    .status
                }
            }
            return try await group.reduce(into: [Int32]()) { $0.append($1) }
        }
        #expect(statuses == [0, 0])
        #expect(try ResultsStore(folder: path).list().count == 2)
    }
}
