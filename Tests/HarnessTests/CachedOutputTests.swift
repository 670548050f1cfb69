import Foundation
import Testing

/// Engines that do not compute what they are timed for.
@Suite struct CachedOutputTests {
    /// Knows the right output for the first input, and gives it for every other one too; or for a second input,
    /// something else that is wrong. Says `times` of `run`, and `checkTimes` of new inputs.
    private func run(
        second: String, times: String = "[0.001] * count", checkTimes: String = "[0.0012] * count"
    ) throws -> Executable.Outcome {
        let folder = try TemporaryFolder()
        for name in ["engines", "suites"] {
            try FileManager.default.createDirectory(
                at: folder.url.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        try FileManager.default.createSymbolicLink(
            at: folder.url.appendingPathComponent("models"),
            withDestinationURL: Executable.root.appendingPathComponent("models"))
        try """
        import json, os, shutil, sys
        for line in sys.stdin:
            command, answer = json.loads(line), {"ok": True}
            count = command.get("count")
            if command["command"] == "load":
                folder = os.path.dirname(command["input"])
                shutil.copy(folder + "/output.safetensors", command["output"])
                answer |= {"engine": "cached", "version": "1", "load_seconds": 0.001, "first_seconds": 0.001}
            elif command["command"] == "run":
                answer["seconds"] = \(times)
            elif command["command"] == "check":
                shutil.copy(folder + "/\(second).safetensors", command["output"])
                answer["seconds"] = \(checkTimes)
            else:
                break
            print(json.dumps(answer), flush=True)
        """.write(toFile: folder.path("engines/cached_engine.py"), atomically: true, encoding: .utf8)
        try """
        name: cheat
        description: An engine that answers from memory
        cases:
          - {model: vgg-mnist, engine: cached}
        """.write(toFile: folder.path("suites/cheat.yaml"), atomically: true, encoding: .utf8)
        return try Executable.run(
            ["run", "--suite", "cheat", "--quick", "--max-seconds", "0.1", "--results", folder.path("results")],
            environment: ["HARNESS_HOME": folder.url.path])
    }

    @Test(arguments: [
        ("output", "its output did not change with its input"), ("check_input", "no output of the right size"),
    ]) func otherOutputIsFound(second: String, reason: String) throws {
        let outcome = try run(second: second)
        #expect(outcome.status == 3)
        #expect((outcome.output + outcome.errors).contains(reason), "\(outcome.output)\(outcome.errors)")
    }

    @Test func rightOutputPasses() throws {
        let outcome = try run(second: "check_output")
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }

    /// Computes what is new, and remembers what is not.
    @Test func rememberedOutputIsFound() throws {
        let outcome = try run(second: "check_output", checkTimes: "[0.02] * count")
        #expect(outcome.status == 3)
        #expect(
            (outcome.output + outcome.errors).contains(
                "inputs that it had not seen take 20.0 times as long as the one that was timed"),
            "\(outcome.output)\(outcome.errors)")
    }

    @Test(arguments: ["[]", "[0.001]", "[0.0] * count", "[-1.0] * count", "[1e300] * count"])
    func impossibleTimesAreFound(times: String) throws {
        let outcome = try run(second: "check_output", times: times)
        #expect(outcome.status == 3)
        #expect((outcome.output + outcome.errors).contains("impossible"), "\(outcome.output)\(outcome.errors)")
    }
}
