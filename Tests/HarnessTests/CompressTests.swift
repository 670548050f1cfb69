import Foundation
import Interchange
import Testing

struct CompressTests {
    /// A compressed file knows how its images are prepared, and runs like any other.
    @Test func writesWhatEvaluateTakes() throws {
        let folder = try TemporaryFolder()
        let file = folder.path("small.safetensors")
        let compress = try Executable.run(
            "compress", "--model", "vgg-mnist", "--output", file, "--k", "128", "--iterations", "20")
        #expect(compress.status == 0, "\(compress.errors)")
        #expect(compress.output.contains("classifier.3"))
        let evaluate = try Executable.run("evaluate", "--model", file, "--json")
        #expect(evaluate.status == 0, "\(evaluate.errors)")
        let answer = try #require(
            try JSONSerialization.jsonObject(with: Data(evaluate.output.utf8)) as? [String: Any])
        #expect(answer["dataset"] as? String == "mnist-1k")
        #expect(try #require(answer["top1"] as? Double) > 0.7)
        let metadata = try Checkpoint.read(file).metadata
        #expect(metadata["harness.compression"]?.contains("\"method\":\"pqf\"") == true)
        #expect(metadata["harness.source_sha256"]?.count == 64)
    }

    @Test(arguments: [
        ["--k", "1"], ["--fc-d", "0"], ["--method", "zip"], ["--blocks", "huge"], ["--keep", "features.1000"],
        ["--iterations", "0"], ["--quantizer", "none"],
    ])
    func badSettings(arguments: [String]) throws {
        let folder = try TemporaryFolder()
        let outcome = try Executable.run(
            ["compress", "--model", "vgg-mnist", "--output", folder.path("x.safetensors")] + arguments)
        #expect(outcome.status == 64, "\(outcome.errors)")
        #expect(
            outcome.errors.split(separator: "\n").first?.lowercased().hasPrefix("error") == true
                || outcome.errors.contains("error: "))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test func interruptedLeavesNothing() throws {
        let folder = try TemporaryFolder()
        let outcome = try Executable.run(
            ["compress", "--model", "random:resnet-50", "--output", folder.path("x.safetensors")], interruptAfter: 1.5)
        #expect(outcome.status == 130, "\(outcome.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    /// Cases that say `compress:` carry sizes, and how far they agree with the dense network.
    @Test func suiteWithCompressedCases() throws {
        let folder = try TemporaryFolder()
        let suite = folder.path("mine.yaml")
        try """
        name: mine
        defaults: {dataset: mnist-1k}
        cases:
          - {model: vgg-mnist}
          - {model: vgg-mnist, compress: {method: pqf, k: 64, iterations: 10}}
          - {model: vgg-mnist, compress: {method: int8}}
        """.write(toFile: suite, atomically: true, encoding: .utf8)
        let outcome = try Executable.run(
            ["run", "--suite", suite, "--quick", "--results", folder.path("results")],
            environment: ["HARNESS_CACHE": folder.path("cache")])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("agreement"))
        let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder.path("results")).first)
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.path("results/\(name)")))
        let results = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let cases = try #require(results["cases"] as? [[String: Any]])
        #expect(cases.map { $0["id"] as? String } == ["vgg-mnist", "vgg-mnist-pqf-small-k64", "vgg-mnist-int8"])
        let weights = try cases.map { try #require($0["weights"] as? [String: Any]) }
        #expect(try #require(weights[1]["ratio"] as? Double) > 10)
        let accuracies = try cases.map { try #require($0["accuracy"] as? [String: Any]) }
        #expect(accuracies[0]["agreement"] == nil)
        #expect(try #require(accuracies[2]["agreement"] as? Double) > 0.99)
        #expect(try #require(accuracies[1]["agreement"] as? Double) > 0.3)
    }
}
