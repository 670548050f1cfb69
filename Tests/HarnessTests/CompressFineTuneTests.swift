import Foundation
import Measurement
import Testing

/// `compress --fine-tune`, and suites that ask for the same.
struct CompressFineTuneTests {
    private let folder: TemporaryFolder
    private let digits: String

    /// 60 training digits of each class.
    init() throws {
        folder = try TemporaryFolder()
        digits = folder.path("digits")
        let source = Executable.root.path + "/datasets/mnist-train-2k"
        for digit in 0..<10 {
            try FileManager.default.createDirectory(
                atPath: "\(digits)/\(digit)", withIntermediateDirectories: true)
            for file in try FileManager.default.contentsOfDirectory(atPath: "\(source)/\(digit)").sorted().prefix(60) {
                try FileManager.default.copyItem(
                    atPath: "\(source)/\(digit)/\(file)", toPath: "\(digits)/\(digit)/\(file)")
            }
        }
    }

    private func arguments(_ output: String, epochs: Int) -> [String] {
        [
            "compress", "--model", "repvgg-mnist", "--blocks", "large", "--iterations", "10", "--search-steps", "100",
            "--output", output, "--fine-tune", digits, "--epochs", "\(epochs)", "--batch", "50", "--no-flip",
        ]
    }

    private func top1(_ file: String) throws -> Double {
        let outcome = try Executable.run("evaluate", "--model", file, "--limit", "300", "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let answer = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        return try #require(answer["top1"] as? Double)
    }

    @Test func refusesTheImagesOfTheTest() throws {
        let file = folder.path("spoilt.safetensors")
        let outcome = try Executable.run(
            "compress", "--model", "repvgg-mnist", "--fine-tune", "mnist-1k", "--output", file)
        #expect(outcome.status == 64 && outcome.errors.contains("is tested on"), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test func reportsWhatItGained() throws {
        let file = folder.path("tuned.safetensors")
        let outcome = try Executable.run(arguments(file, epochs: 4) + ["--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let answer = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let epochs = try #require(answer["fineTuning"] as? [[String: Any]])
        #expect(epochs.compactMap { $0["number"] as? Int } == [0, 1, 2, 3, 4])
        let losses = epochs.compactMap { $0["loss"] as? Double }
        #expect(losses.count == 5)
        #expect(try #require(losses.min()) < 0.5 * losses[0])
        #expect(epochs.allSatisfy { $0["accuracy"] is Double })
        #expect(outcome.errors.contains("epoch 4 of 4: loss "))
        #expect(try top1(file) > 0.85)
    }

    /// Killed, then interrupted, then let be: in the end the file is that of a run without a break.
    @Test func goesOnAfterBreaks() throws {
        let (whole, broken) = (folder.path("whole.safetensors"), folder.path("broken.safetensors"))
        let state = ["--resume", folder.path("state")]
        let undisturbed = try Executable.run(arguments(whole, epochs: 8))
        #expect(undisturbed.status == 0, "\(undisturbed.errors)")
        #expect(undisturbed.output.contains("fine-tuned, the best: epoch "))

        let killed = try Executable.run(
            arguments(broken, epochs: 8) + state, interruption: .init(signal: SIGKILL, once: "epoch 2 of 8:"))
        #expect(killed.status == SIGKILL)
        #expect(!FileManager.default.fileExists(atPath: broken))

        let interrupted = try Executable.run(
            arguments(broken, epochs: 8) + state, interruption: .init(signal: SIGINT, once: "epoch 4 of 8:"))
        #expect(interrupted.status == 130, "\(interrupted.errors)")
        #expect(interrupted.output.contains("fine-tuned, the best: epoch "))
        #expect(try top1(broken) > 0.8)

        let resumed = try Executable.run(arguments(broken, epochs: 8) + state)
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(
            FileManager.default.contents(atPath: broken) == FileManager.default.contents(atPath: whole),
            "the result depends on the breaks")

        let other = try Executable.run(arguments(broken, epochs: 9) + state)
        #expect(other.status == 65, "a state of other settings: \(other.errors)")
    }

    /// A case whose training images are absent is left out and says why; the run does not fail for it.
    @Test func suiteWithFineTuning() throws {
        let suite = folder.path("mine.yaml")
        let quick = "method: pqf, blocks: large, iterations: 10, search_steps: 100"
        try """
        name: mine
        defaults: {dataset: mnist-1k}
        cases:
          - {model: repvgg-mnist, compress: {\(quick)}}
          - {model: repvgg-mnist, compress: {\(quick), fine_tune: \(digits), epochs: 10, flip: false}}
          - {id: absent, model: repvgg-mnist, compress: {fine_tune: cifar10}}
        """.write(toFile: suite, atomically: true, encoding: .utf8)
        let outcome = try Executable.run(
            ["run", "--suite", suite, "--quick", "--results", folder.path("results")],
            environment: ["HARNESS_CACHE": folder.path("cache")])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let cases = try onlyResults(in: folder, "results").cases
        #expect(
            cases.map(\.id) == ["repvgg-mnist-pqf-large-k256", "repvgg-mnist-pqf-large-k256-tuned", "absent"])
        let scores = cases.map { $0.accuracy?.top1 ?? 0 }
        #expect(scores[1] > max(scores[0], 0.8))
        #expect(try (0.01...0.9).contains(#require(cases[0].weights?.quantizationError)))
        #expect(cases[1].weights?.quantizationError == nil)
        #expect(cases[2].error == nil)
        #expect(cases[2].note?.contains("dataset absent: cifar10") == true)
        #expect(outcome.output.contains("not run"))
    }

    @Test(arguments: ["epochs: 3", "method: fp16, fine_tune: digits", "fine_tune: digits, epochs: 0"])
    func badSuites(settings: String) throws {
        let suite = folder.path("mine.yaml")
        try "name: mine\ncases: [{model: repvgg-mnist, compress: {\(settings)}}]"
            .write(toFile: suite, atomically: true, encoding: .utf8)
        let outcome = try Executable.run("run", "--suite", suite, "--quick", "--results", folder.path("results"))
        #expect(outcome.status == 65, "\(outcome.errors)")
        #expect(outcome.errors.contains(suite))
    }
}
