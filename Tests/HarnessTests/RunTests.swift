import Foundation
import Measurement
import Testing

/// `harness run` from the outside: results files, interruption, failing cases.
@Suite(.serialized) struct RunTests {
    @Test func smokeSuite() throws {
        let folder = try TemporaryFolder()
        let outcome = try Executable.run(["run", "--suite", "smoke", "--quick", "--results", folder.url.path])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let results = try onlyResults(in: folder)
        #expect(results.run.suite == "smoke")
        #expect(results.cases.map(\.id) == ["repvgg-mnist-training", "repvgg-mnist-fused", "vgg-mnist"])
        for one in results.cases {
            #expect(one.error == nil)
            let latency = try #require(one.latencySeconds)
            #expect(!latency.samples.isEmpty && latency.samples.allSatisfy { $0 > 0 })
            let memory = try #require(one.memoryBytes)
            #expect(try #require(memory.peakRSS) > 1 << 20)
            #expect(try #require(memory.weights) > 0)
            #expect(one.outputSHA256?.count == 64)
            let layers = try #require(one.layers)
            #expect(!layers.isEmpty && layers.allSatisfy { $0.seconds > 0 })
            #expect(try #require(one.cpuSeconds) > 0)
        }
        let phases = Set(try #require(results.cases[0].phases).keys)
        #expect(phases.isSuperset(of: ["load", "first_inference", "read", "decode", "resample", "infer", "post"]))
        #expect(results.cases[0].pixelsSHA256 != nil && results.cases[0].pixelsSHA256 == results.cases[1].pixelsSHA256)
        #expect(try #require(results.cases[0].accuracy?.top1) >= 0.98)
        #expect(results.cases[2].accuracy == nil)
        #expect(outcome.output.contains("× training form"))
    }

    @Test func outputsDoNotDependOnRunOrThreads() throws {
        var digests: [[String?]] = []
        for threads in ["1", "2", "1"] {
            let folder = try TemporaryFolder()
            let outcome = try Executable.run([
                "run", "--suite", "smoke", "--quick", "--max-seconds", "0.1", "--threads", threads, "--results",
                folder.url.path,
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            digests.append(try onlyResults(in: folder).cases.map(\.outputSHA256))
        }
        #expect(digests[0] == digests[1])
        #expect(digests[0] == digests[2])
    }

    @Test func failingCaseIsRecordedAndOthersRun() throws {
        let folder = try TemporaryFolder()
        let suite = folder.path("mixed.yaml")
        try Data(
            """
            name: mixed
            cases:
              - {model: missing.safetensors}
              - {id: tiny, model: repvgg-mnist, input: 1}
              - {model: vgg-mnist}
              - {id: absent, model: vgg-mnist, dataset: cifar10}
            """.utf8
        ).write(to: URL(fileURLWithPath: suite))
        let outcome = try Executable.run([
            "run", "--suite", suite, "--quick", "--max-seconds", "0.1", "--results", folder.path("results"),
        ])
        #expect(outcome.status == 3)
        let results = try onlyResults(in: folder, "results")
        #expect(results.cases[0].error?.contains("missing.safetensors") == true)
        #expect(results.cases[0].latencySeconds == nil)
        #expect(results.cases[2].error == nil && results.cases[2].latencySeconds != nil)
        #expect(results.cases[3].error == nil && results.cases[3].accuracy == nil)
        #expect(results.cases[3].note?.contains("dataset absent") == true)
    }

    @Test func scenariosOfASuite() throws {
        let folder = try TemporaryFolder()
        let suite = folder.path("scenarios.yaml")
        try Data(
            """
            name: scenarios
            cases:
              - {model: vgg-mnist, scenario: offline}
              - {model: vgg-mnist, scenario: server, latency_bound: 0.05}
            """.utf8
        ).write(to: URL(fileURLWithPath: suite))
        let outcome = try Executable.run([
            "run", "--suite", suite, "--quick", "--max-seconds", "0.1", "--results", folder.path("results"),
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let results = try onlyResults(in: folder, "results")
        #expect(results.cases.map(\.id) == ["vgg-mnist-offline", "vgg-mnist-server"])
        #expect(results.cases.map { $0.scenario?.name } == [.offline, .server])
        #expect(results.cases[1].scenario?.trials?.count == 6)
    }

    @Test func interruptionKeepsWhatWasFinished() throws {
        let folder = try TemporaryFolder()
        let outcome = try Executable.run(
            ["run", "--suite", "smoke", "--repeats", "100", "--max-seconds", "100", "--results", folder.url.path],
            interruptAfter: 6)
        #expect(outcome.status == 130)
        let results = try onlyResults(in: folder)
        #expect(results.run.interrupted == true)
        #expect(!results.cases.isEmpty)
    }

    @Test func accuracyBelowItsGate() throws {
        let folder = try TemporaryFolder()
        let suite = folder.path("gate.yaml")
        try Data(
            """
            name: gate
            cases: [{model: vgg-mnist, dataset: mnist-1k, gate: {top1: 0.9999}}]
            """.utf8
        ).write(to: URL(fileURLWithPath: suite))
        let outcome = try Executable.run([
            "run", "--suite", suite, "--quick", "--max-seconds", "0.1", "--results", folder.path("results"),
        ])
        #expect(outcome.status == 8, "\(outcome.errors)")
    }

    static let wrongSuites: [(String, String)] = [
        ("name: x\ncases:\n  - {modell: vgg-mnist}\n", ":3: unknown key 'modell'"),
        ("name: x\ncases: []\n", "'cases' should be"),
        ("name: ../x\ncases: [{model: a}]\n", "'name' should be"),
        ("name: x\ncases:\n  - {model: a, threads: 0}\n", ":3: 'threads' should be"),
        ("name: x\ncases:\n  - {model: a}\n  - {model: a}\n", ":4: two cases have the id 'a'"),
        ("name: [\n", "bad.yaml"), ("", "the file is empty"),
    ]

    @Test(arguments: wrongSuites)
    func wrongSuite(text: String, message: String) throws {
        let folder = try TemporaryFolder()
        let suite = folder.path("bad.yaml")
        try Data(text.utf8).write(to: URL(fileURLWithPath: suite))
        let outcome = try Executable.run(["run", "--suite", suite, "--results", folder.path("results")])
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.path("results")))
    }
}
