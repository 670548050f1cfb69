import Foundation
import Measurement

/// A test suite per run, in the elements that the Ant and Jenkins schemas share. Every case is a test, an error when it
/// failed to run; every gate is another, a failure when it was not met and skipped when its case failed.
enum JUnitExport {
    static func text(_ results: Results) -> String {
        let tests = results.cases.flatMap { Self.tests(of: $0, suite: results.run.suite) }
        let counts =
            "tests=\"\(tests.count)\" failures=\"\(tests.count { $0.outcome.isFailure })\""
            + " errors=\"\(tests.count { $0.outcome.isError })\""
        let time = seconds(results.cases.reduce(0) { $0 + duration($1) })
        let skipped = tests.count { $0.outcome.isSkipped }
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<testsuites name=\"harness\" \(counts) time=\"\(time)\">",
            "  <testsuite name=\(quoted(results.run.suite)) \(counts) skipped=\"\(skipped)\" time=\"\(time)\""
                + " timestamp=\"\(timestamp(results.run.started))\""
                + " hostname=\"localhost\">",
            "    <properties>",
        ]
        lines += properties(results).map {
            "      <property name=\(quoted($0.name)) value=\(quoted($0.value))/>"
        }
        lines.append("    </properties>")
        lines += tests.flatMap(\.lines)
        lines += ["  </testsuite>", "</testsuites>"]
        return lines.joined(separator: "\n") + "\n"
    }

    private enum Outcome {
        case passed
        case failure(String)
        case error(String)
        case skipped(String)

        var isFailure: Bool { if case .failure = self { true } else { false } }
        var isError: Bool { if case .error = self { true } else { false } }
        var isSkipped: Bool { if case .skipped = self { true } else { false } }
    }

    private struct Test {
        var name: String
        var group: String
        var time = 0.0
        var outcome = Outcome.passed
        var output: String?

        var lines: [String] {
            let start = "    <testcase name=\(quoted(name)) classname=\(quoted(group)) time=\"\(seconds(time))\""
            let content =
                switch outcome {
                case .passed: output.map { ["      <system-out>\(escaped($0))</system-out>"] } ?? []
                case .failure(let text): ["      <failure type=\"gate\" message=\(quoted(text))/>"]
                case .error(let text): ["      <error type=\"case\" message=\(quoted(text))/>"]
                case .skipped(let text): ["      <skipped message=\(quoted(text))/>"]
                }
            return content.isEmpty ? [start + "/>"] : [start + ">"] + content + ["    </testcase>"]
        }
    }

    private static func tests(of one: CaseRecord, suite: String) -> [Test] {
        let group = "\(suite).\(one.model)"
        var run = Test(name: one.id, group: group, time: duration(one))
        if let latency = one.measured {
            run.output =
                "median \(Format.seconds(latency.median)),"
                + (latency.ci95.map { " 95 % interval \(Format.interval($0))," } ?? "")
                + " " + Format.plural(latency.samples.count, "sample")
        } else if one.isSkipped {
            run.outcome = .skipped(one.note ?? "")
        } else {
            run.outcome = .error(one.error ?? "no samples")
        }
        let gates = GateOutcome.all(one).map { gate in
            Test(
                name: "\(one.id) \(gate.measure) at least \(gate.least)", group: group,
                outcome: one.error != nil ? .skipped("the case failed") : gate.met ? .passed : .failure(gate.text),
                output: gate.text)
        }
        return [run] + gates
    }

    /// The time that a case spent sampling.
    private static func duration(_ one: CaseRecord) -> Double { one.latencySeconds?.samples.reduce(0, +) ?? 0 }

    private static func properties(_ results: Results) -> [(name: String, value: String)] {
        let (run, environment) = (results.run, results.environment)
        let facts: [(String, String?)] = [
            ("run", run.id), ("seed", run.seed.map { "\($0)" }), ("harness_version", run.harnessVersion),
            ("git.commit", run.git?.commit), ("git.dirty", run.git.map { "\($0.dirty)" }),
            ("cpu.model", environment.cpu.model), ("cpu.cores", "\(environment.cpu.cores)"),
            ("cpu.isa", environment.cpu.isa), ("os", environment.os), ("kernel", environment.kernel),
            ("swift", environment.swift), ("governor", environment.governor),
        ]
        return facts.compactMap { name, value in value.map { (name, $0) } }
            + environment.warnings.map { ("warning", $0) }
    }

    /// Milliseconds are what the schemas' pattern for times allows.
    private static func seconds(_ value: Double) -> String { String(format: "%.3f", value) }

    /// UTC without a zone, as the schemas have it.
    private static func timestamp(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(19)) }

    private static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    private static func escaped(_ text: String) -> String { Markup.escaped(text) }
}
