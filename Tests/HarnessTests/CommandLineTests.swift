import Foundation
import Testing

/// Misuse ends with the status and one clear line that scripts and people rely on.
struct CommandLineTests {
    @Test(arguments: [
        ["--help"], ["run", "--help"], ["list", "--help"], ["infer", "--help"], ["classify", "--help"],
        ["evaluate", "--help"], ["fuse", "--help"], ["profile", "--help"], ["verify", "--help"],
    ])
    func help(arguments: [String]) throws {
        let outcome = try Executable.run(arguments)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("USAGE: harness"))
        #expect(outcome.output.contains("EXAMPLE"))
    }

    static let misuses: [([String], Int32)] = [
        (["run"], 64), (["run", "--suite", "no-such"], 64), (["run", "--suite", "smoke", "--engine", "magic"], 64),
        (["run", "--suite", "smoke", "--case", "nope*"], 64),
        (["run", "--suite", "smoke", "--threads", "0"], 64), (["list", "nonsense"], 64), (["nonsense"], 64),
        (["profile", "--model", "random:no-such"], 64), (["profile", "--model", "no-such"], 64),
        (["profile", "--model", "random:repvgg-a0", "--algorithm", "magic"], 64),
        (["profile", "--model", "random:repvgg-a0", "--isa", "x86-64-v9"], 64),
        (["profile", "--model", "random:repvgg-a0", "--input", "1x1x1"], 64),
        (["profile", "--model", "missing.safetensors"], 74), (["run", "--suite", "missing.yaml"], 74),
        (["classify", "--model", "repvgg-mnist", "missing.png"], 74),
        (["evaluate", "--model", "repvgg-mnist", "--dataset", "no-such"], 64),
        (["evaluate", "--model", "random:repvgg-a0", "--dataset", "mnist-1k"], 64),
        (["evaluate", "--model", "repvgg-mnist", "--datasets", "/no/such/folder"], 74),
    ]

    @Test(arguments: misuses)
    func misuse(arguments: [String], status: Int32) throws {
        let outcome = try Executable.run(arguments)
        #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
        #expect(!outcome.errors.isEmpty)
        #expect(outcome.output.isEmpty)
    }

    @Test func listsAreJSON() throws {
        for kind in ["suites", "models", "datasets", "cases", "engines"] {
            let outcome = try Executable.run(["list", kind, "--json"])
            #expect(outcome.status == 0, "\(kind): \(outcome.errors)")
            let entries = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
            #expect(!entries.isEmpty)
        }
    }

    @Test func modelsListPublishedCounts() throws {
        let outcome = try Executable.run(["list", "models", "--json"])
        let entries = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
        let vgg = try #require(entries.first { $0["name"] as? String == "random:vgg-16" })
        #expect(vgg["parameters"] as? Int == 138_357_544)
        for key in ["name", "family", "parameters", "multiply_adds", "input", "source"] { #expect(vgg[key] != nil) }
    }

    @Test func bundledFilesAreIntact() throws {
        let outcome = try Executable.run(["verify"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains(", 0 wrong"))
    }

    @Test func bundledDigitsAreRecognised() throws {
        let outcome = try Executable.run(
            "classify", "--model", "repvgg-mnist", "--json", "--top", "1",
            Executable.root.appendingPathComponent("datasets/mnist-1k/7").path + "/3504.png")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("\"name\" : \"7\""))
    }

    @Test(arguments: ["repvgg-mnist", "vgg-mnist"]) func bundledAccuracy(of model: String) throws {
        let outcome = try Executable.run("evaluate", "--model", model, "--json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let answer = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(answer["count"] as? Int == 1000)
        #expect(try #require(answer["top1"] as? Double) >= 0.98)
    }
}
