import Foundation
import Measurement

/// The JSON of pyperf, for its `show`, `stats`, `hist` and `compare_to`. Every process of a case is a run. Failed cases
/// have no place in it; neither have results without any measured case.
enum PyperfExport {
    static func text(_ results: Results) throws(ReportingError) -> String {
        let benchmarks = results.cases.compactMap { one in
            one.measured.map { benchmark(one, $0, results) }
        }
        if benchmarks.isEmpty { throw .nothingMeasured(format: "pyperf") }
        return try json(Document(benchmarks: benchmarks, metadata: metadata(results)))
    }

    private struct Document: Encodable {
        let version = "1.0"
        let benchmarks: [Benchmark]
        let metadata: [String: Fact]
    }

    private struct Benchmark: Encodable {
        let metadata: [String: Fact]
        let runs: [Run]
    }

    private struct Run: Encodable {
        let metadata: [String: Fact]
        let values: [Double]
    }

    private enum Fact: Encodable, ExpressibleByStringLiteral {
        case text(String)
        case whole(Int)

        init(stringLiteral text: String) { self = .text(text) }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .whole(let number): try container.encode(number)
            }
        }
    }

    /// Named as pyperf names what it knows itself, so that it warns about differences.
    private static func metadata(_ results: Results) -> [String: Fact] {
        let environment = results.environment
        var facts: [String: Fact] = [
            "unit": "second",
            "suite": .text(line(results.run.suite)),
            "cpu_model_name": .text(line(environment.cpu.model)),
            "cpu_count": .whole(environment.cpu.cores),
        ]
        facts["platform"] = environment.kernel.map { .text(line($0)) }
        facts["commit_id"] = results.run.git.map { .text(line($0.commit)) }
        return facts.filter { if case .text("") = $0.value { false } else { true } }
    }

    private static func benchmark(_ one: CaseRecord, _ latency: LatencyRecord, _ results: Results) -> Benchmark {
        var facts: [String: Fact] = [
            "name": .text(line(one.id)), "model": .text(line(one.model)), "engine": .text(line(one.engine)),
            "threads": .whole(one.threads), "batch": .whole(one.batch), "input": .text(one.inputShape),
        ]
        facts = facts.filter { if case .text("") = $0.value { false } else { true } }
        let date = String(results.run.started.formatted(.iso8601).prefix(19)).replacing("T", with: " ")
        let peaks = one.memoryBytes?.peaks ?? []
        let runs = latency.processes.enumerated().compactMap { index, samples -> Run? in
            if samples.isEmpty { return nil }
            var facts: [String: Fact] = ["date": .text(date)]
            facts["mem_max_rss"] = (index < peaks.count ? peaks[index] : one.memoryBytes?.peakRSS).map { .whole($0) }
            return Run(metadata: facts, values: Array(samples))
        }
        return Benchmark(metadata: facts, runs: runs)
    }

    /// pyperf takes no text with line breaks or blanks at its ends.
    private static func line(_ text: String) -> String {
        Format.line(text).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
