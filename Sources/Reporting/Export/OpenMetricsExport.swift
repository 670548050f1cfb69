import Foundation
import Measurement

/// OpenMetrics 1.0 for Prometheus' textfile collector or a push gateway. A failed case shows in `harness_case_failed`.
enum OpenMetricsExport {
    static func text(_ results: Results) -> String {
        let families = [run(results), machine(results), started(results)] + cases(results)
        return families.filter { !$0.samples.isEmpty }.map(\.text).joined() + "# EOF\n"
    }

    private struct Family {
        let name: String
        let type: String
        let unit: String?
        let help: String
        let samples: [Sample]

        init(_ name: String, type: String = "gauge", unit: String? = nil, help: String, _ samples: [Sample]) {
            self.name = "harness_" + name
            self.type = type
            self.unit = unit
            self.help = help
            self.samples = samples
        }

        var text: String {
            var lines = ["# TYPE \(name) \(type)"]
            if let unit { lines.append("# UNIT \(name) \(unit)") }
            lines.append("# HELP \(name) \(escaped(help))")
            lines += samples.map { sample in
                let labels = sample.labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
                return "\(name)\(sample.suffix){\(labels)} \(sample.value)"
            }
            return lines.map { $0 + "\n" }.joined()
        }
    }

    private typealias Label = (name: String, value: String)

    private struct Sample {
        /// After the family's name.
        var suffix = ""
        var labels: [Label]
        let value: Double
    }

    private static func run(_ results: Results) -> Family {
        let run = results.run
        var labels: [Label] = [("suite", run.suite), ("run", run.id)]
        labels += run.harnessVersion.map { [("harness_version", $0)] } ?? []
        labels += run.git.map { [("commit", $0.commit), ("dirty", "\($0.dirty)")] } ?? []
        return Family(
            "run", type: "info", help: "The run that the numbers come from.",
            [Sample(suffix: "_info", labels: labels, value: 1)])
    }

    private static func machine(_ results: Results) -> Family {
        let environment = results.environment
        let facts: [(String, String?)] = [
            ("suite", results.run.suite), ("cpu", environment.cpu.model),
            ("cores", "\(environment.cpu.cores)"), ("isa", environment.cpu.isa), ("os", environment.os),
            ("kernel", environment.kernel), ("governor", environment.governor),
        ]
        let labels = facts.compactMap { name, value in value.map { (name, $0) } }
        return Family(
            "machine", type: "info", help: "The machine that the run was on.",
            [Sample(suffix: "_info", labels: labels, value: 1)])
    }

    private static func started(_ results: Results) -> Family {
        Family(
            "run_started_timestamp_seconds", unit: "seconds", help: "When the run began.",
            [Sample(labels: [("suite", results.run.suite)], value: results.run.started.timeIntervalSince1970)])
    }

    private static func cases(_ results: Results) -> [Family] {
        /// A family of one value a case.
        func gauge(_ name: String, unit: String? = nil, _ help: String, _ value: (CaseRecord) -> Double?) -> Family {
            gauges(name, unit: unit, help) { one in value(one).map { [([], $0)] } ?? [] }
        }
        /// A family of several values a case, told apart by further labels.
        func gauges(
            _ name: String, unit: String? = nil, _ help: String, _ values: (CaseRecord) -> [([Label], Double)]
        ) -> Family {
            let samples = results.cases.flatMap { one in
                values(one).map { Sample(labels: labels(one, results) + $0, value: $1) }
            }
            return Family(name, unit: unit, help: help, samples)
        }
        return [
            gauge("case_failed", "1 when the case failed to run, else 0.") { $0.isFailed ? 1 : 0 },
            Family(
                "latency_seconds", type: "summary", unit: "seconds", help: "Time of one inference of the whole batch.",
                results.cases.flatMap { one in
                    one.measured.map { summary($0, labels: labels(one, results)) } ?? []
                }),
            gauges("latency_median_interval_seconds", unit: "seconds", "95 % interval of the median latency.") { one in
                one.measured?.ci95.map { [([("bound", "low")], $0.low), ([("bound", "high")], $0.high)] } ?? []
            },
            gauge("images_per_second", "Throughput at the median latency.", \.imagesPerSecond),
            gauge("peak_rss_bytes", unit: "bytes", "Peak resident memory of the case's process.") {
                $0.memoryBytes?.peakRSS.map(Double.init)
            },
            gauge("weights_memory_bytes", unit: "bytes", "Weights as held in memory.") {
                $0.memoryBytes?.weights.map(Double.init)
            },
            gauge("activations_memory_bytes", unit: "bytes", "The arena of activations.") {
                $0.memoryBytes?.activations.map(Double.init)
            },
            gauge("weights_stored_bytes", unit: "bytes", "Weights as stored.") { $0.weights?.bytes.map(Double.init) },
            gauges("accuracy", "Quality of the outputs on the data set, by measure.") { one in
                (one.accuracy?.measures ?? [:]).sorted { $0.key < $1.key }.map { measure, value in
                    ([("dataset", one.accuracy?.dataset ?? ""), ("measure", measure)], value)
                }
            },
            gauges("gate_met", "1 when the accuracy gate is met, else 0.") { one in
                GateOutcome.all(one).map { ([("measure", $0.measure)], $0.met ? 1 : 0) }
            },
        ]
    }

    private static func summary(_ latency: LatencyRecord, labels: [Label]) -> [Sample] {
        let quantiles: [(String, Double?)] = [
            ("0.0", latency.min), ("0.5", latency.median), ("0.9", latency.p90), ("0.99", latency.p99),
            ("1.0", latency.max),
        ]
        return quantiles.compactMap { quantile, value in
            value.map { Sample(labels: labels + [("quantile", quantile)], value: $0) }
        } + [
            Sample(suffix: "_count", labels: labels, value: Double(latency.samples.count)),
            Sample(suffix: "_sum", labels: labels, value: latency.samples.reduce(0, +)),
        ]
    }

    private static func labels(_ one: CaseRecord, _ results: Results) -> [Label] {
        [
            ("suite", results.run.suite), ("case", one.id), ("model", one.model), ("engine", one.engine),
            ("threads", "\(one.threads)"), ("batch", "\(one.batch)"),
        ]
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
