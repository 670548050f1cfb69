import Foundation
import Measurement

/// The JSON of google/benchmark, for its `compare.py` and what else reads it: every sample is an iteration run, so that
/// the U test has something to work on, followed by the aggregates. A failed case has `error_occurred`.
enum GoogleBenchmarkExport {
    static func text(_ results: Results) throws(ReportingError) -> String {
        var runs: [Run] = []
        for (family, one) in results.cases.enumerated() {
            runs += one.measured.map { Self.runs(of: one, $0, family: family) } ?? [failure(one, family: family)]
        }
        return try json(Document(context: Context(results), benchmarks: runs))
    }

    private struct Document: Encodable {
        let context: Context
        let benchmarks: [Run]
    }

    private struct Context: Encodable {
        var date: String
        var hostName: String
        var executable: String
        var cpus: Int
        var megahertz: Int
        var caches: [Cache]
        var loadAverage: [Double]
        /// Timings of harness come from release builds alone.
        var buildType = "release"
        var schema = 1

        init(_ results: Results) {
            let environment = results.environment
            date = results.run.started.formatted(.iso8601)
            hostName = "localhost"
            executable = results.run.command?.first ?? "harness"
            cpus = environment.cpu.cores
            let frequency = environment.frequency
            megahertz = Int(((frequency?.maximum ?? frequency?.current ?? 0) / 1e6).rounded())
            caches = (environment.cpu.caches ?? [:]).sorted { $0.key < $1.key }.map(Cache.init)
            loadAverage = environment.loadAverage ?? []
        }

        enum CodingKeys: String, CodingKey {
            case date, executable, caches
            case hostName = "host_name"
            case cpus = "num_cpus"
            case megahertz = "mhz_per_cpu"
            case loadAverage = "load_avg"
            case buildType = "library_build_type"
            case schema = "json_schema_version"
        }
    }

    private struct Cache: Encodable {
        let type: String
        let level: Int
        let size: Int
        /// Logical processors per cache; 0 is not known.
        let sharing = 0

        /// `L1d` is the data cache of level 1, and so on.
        init(name: String, bytes: Int) {
            type = name.hasSuffix("d") ? "Data" : name.hasSuffix("i") ? "Instruction" : "Unified"
            level = name.first(where: \.isWholeNumber)?.wholeNumberValue ?? 0
            size = bytes
        }

        enum CodingKeys: String, CodingKey {
            case type, level, size
            case sharing = "num_sharing"
        }
    }

    private struct Run: Encodable {
        var name: String
        var runName: String
        var family: Int
        var familyInstance = 0
        var type = "iteration"
        var threads: Int
        var repetitions: Int
        var repetition: Int?
        var aggregate: String?
        var aggregateUnit: String?
        var iterations: Int
        var realTime: Double?
        var cpuTime: Double?
        let unit = "us"
        var itemsPerSecond: Double?
        var errorOccurred: Bool?
        var errorMessage: String?

        enum CodingKeys: String, CodingKey {
            case name, threads, repetitions, iterations
            case runName = "run_name"
            case family = "family_index"
            case familyInstance = "per_family_instance_index"
            case type = "run_type"
            case repetition = "repetition_index"
            case aggregate = "aggregate_name"
            case aggregateUnit = "aggregate_unit"
            case realTime = "real_time"
            case cpuTime = "cpu_time"
            case unit = "time_unit"
            case itemsPerSecond = "items_per_second"
            case errorOccurred = "error_occurred"
            case errorMessage = "error_message"
        }
    }

    private static func runs(of one: CaseRecord, _ latency: LatencyRecord, family: Int) -> [Run] {
        let total = latency.samples.reduce(0, +)
        // Processor time is known for all samples together: shared out in proportion to their length.
        let perSecond = one.cpuSeconds.map { $0 / total } ?? 1
        let iteration = Run(
            name: one.id, runName: one.id, family: family, threads: one.threads, repetitions: latency.samples.count,
            iterations: 1)
        let samples = latency.samples.enumerated().map { index, seconds in
            var run = iteration
            run.repetition = index
            run.realTime = seconds * 1e6
            run.cpuTime = seconds * 1e6 * perSecond
            run.itemsPerSecond = Double(one.batch) / seconds
            return run
        }
        let aggregates = [
            ("mean", latency.mean), ("median", latency.median),
            ("stddev", latency.deviation ?? latency.samples.standardDeviation),
        ]
        return samples
            + aggregates.map { name, seconds in
                var run = iteration
                run.name += "_\(name)"
                run.type = "aggregate"
                run.aggregate = name
                run.aggregateUnit = "time"
                run.iterations = latency.samples.count
                run.realTime = seconds * 1e6
                run.cpuTime = seconds * 1e6 * perSecond
                return run
            }
    }

    private static func failure(_ one: CaseRecord, family: Int) -> Run {
        Run(
            name: one.id, runName: one.id, family: family, threads: one.threads, repetitions: 1, repetition: 0,
            iterations: 0, realTime: 0, cpuTime: 0, errorOccurred: true, errorMessage: one.error ?? "no samples")
    }
}
