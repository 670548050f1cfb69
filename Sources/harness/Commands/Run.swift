import ArgumentParser
import Benchmarking
import Foundation
import Measurement
import Reporting

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a suite and write a results file.",
        discussion: """
            Every case runs in fresh processes, one per block; the blocks of all cases are interleaved in a seeded
            random order. The table goes to standard output, the results file to the results folder.

            EXAMPLES
              harness run --suite repvgg
              harness run --suite latency --case 'vgg-*' --threads 2
              harness run --suite my-suite.yaml --quick --results out
              harness run --suite latency --case repvgg-a0 --engine native,ncnn
              harness run --suite smoke --against main     A/B of two builds; verdict and exit status as compare
            """)

    @Option(help: "A suite's name, or a suite file.")
    var suite: String

    @Option(name: .customLong("case"), help: "Only cases whose id matches this pattern (* and ?); repeatable.")
    var patterns: [String] = []

    @Option(help: "CPU threads of every case, instead of what the suite says.")
    var threads: Int?

    @Option(help: "Processes (blocks) per case.")
    var repeats: Int?

    @Option(help: "Seconds of sampling per case, over all its blocks.")
    var maxSeconds: Double?

    @Flag(help: "One short block per case: a look, not a measurement.")
    var quick = false

    @Option(help: "The folder of results files.")
    var results: String?

    @OptionGroup var folders: FolderOptions

    @Option(help: "Seed of random weights, inputs and the order of blocks.")
    var seed: UInt64 = 1

    @Option(help: "Engines to run, separated by commas; see harness list engines.")
    var engine: String?

    @Option(help: "Instruction set (also HARNESS_ISA).")
    var isa: String?

    @Option(help: "Force one convolution algorithm where it applies.")
    var algorithm: String?

    @Flag(help: "Measure which algorithm is fastest for each layer here; kept in a cache for later runs.")
    var tune = false

    @Option(help: "When product-quantized weights are decoded: load or run.")
    var decode: String?

    @Flag(help: "Keep no weights larger than they are stored.")
    var lowMemory = false

    @Option(help: "Take each layer's algorithm from this results file, to repeat its run exactly.", completion: .file())
    var algorithmsFrom: String?

    @Option(
        help: """
            Another build to take turns with, block by block: the path of a harness executable, or a git revision, \
            which is built in the cache folder. It is the baseline, this build the candidate.
            """)
    var against: String?

    @Option(help: "With --against: ratios closer to 1 than this are never a change, such as 0.01 for 1 %.")
    var tolerance: Double?

    @Option(help: "How queries arrive: single-stream, multi-stream, offline or server.")
    var scenario: String?

    @Option(help: "Confine cases to these processors, such as 0-3,6 (with taskset).")
    var pin: String?

    @Option(help: "Add this to the priority of cases, -20 to 19; more is less urgent.")
    var nice: Int?

    func validate() throws {
        if let scenario, Scenario(rawValue: scenario) == nil {
            throw ValidationError(
                "--scenario takes " + Scenario.allCases.map(\.rawValue).joined(separator: ", "))
        }
        if let nice, !(-20...19).contains(nice) { throw ValidationError("--nice takes -20 to 19") }
        if let pin, pin.wholeMatch(of: /\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*/) == nil {
            throw ValidationError("--pin takes processors such as 0-3,6")
        }
        if let tolerance, !(tolerance >= 0 && tolerance < 1) { throw ValidationError("--tolerance takes 0 to 1") }
        if let threads, !(1...256).contains(threads) { throw ValidationError("--threads takes 1 to 256") }
        if let repeats, !(1...1000).contains(repeats) { throw ValidationError("--repeats takes 1 to 1000") }
        if let maxSeconds, !(maxSeconds > 0 && maxSeconds <= 86400) {
            throw ValidationError("--max-seconds takes a number above 0")
        }
    }

    func run() async throws {
        let locations = try chosenLocations()
        let suite = try Suite.find(self.suite, in: locations.suites)
        let cases = try chosenCases(suite)
        for name in Set(cases.map(\.engine)) where name != EngineCatalogue.native {
            _ = try EngineCatalogue(suites: locations.suites).contender(name)
        }
        let store = ResultsStore(folder: locations.results)
        let runner = try Runner(
            locations: locations, options: try runOptions(cases), version: Harness.version,
            fineTune: FineTuning.suiteCases(datasets: locations.datasets, seed: seed))
        if let against {
            let other = try MeasuredBuild.find(against) { Terminal.note($0) }
            let both = try await interruptible {
                await runner.run(suite, cases: cases, against: other) { Terminal.progress($0.text) }
            }
            return try conclude(both.baseline, both.candidate, store)
        }
        let results = try await interruptible {
            await runner.run(suite, cases: cases) { Terminal.progress($0.text) }
        }
        try write(results, to: store)
        Terminal.print(SummaryTable.text(results))
        if results.run.interrupted == true { throw ExitStatus.interrupted }
        if results.cases.contains(where: { $0.error != nil }) { throw ExitStatus.caseFailed }
        if results.cases.contains(where: { $0.accuracy?.failedGates.isEmpty == false }) {
            throw ExitStatus.accuracyBelowGate
        }
    }

    private func write(_ results: Results, to store: ResultsStore, warnings: Bool = true) throws {
        Terminal.clearProgress()
        Terminal.note("results are in \(try store.write(results))")
        guard warnings else { return }
        for warning in results.environment.warnings { Terminal.note("warning: \(warning)") }
    }

    /// Keeps both runs, and ends as `compare` does.
    private func conclude(_ baseline: Results, _ candidate: Results, _ store: ResultsStore) throws {
        try write(baseline, to: store, warnings: false)
        try write(candidate, to: store)
        var options = ComparisonOptions()
        if let tolerance { options.tolerance = tolerance }
        let comparison = Comparison(baseline: baseline, candidate: candidate, options: options)
        Terminal.print(comparison.text())
        if candidate.run.interrupted == true { throw ExitStatus.interrupted }
        if comparison.exitStatus != 0 { Foundation.exit(Int32(comparison.exitStatus)) }
    }

    private func chosenLocations() throws -> Locations {
        var locations = try folders.locations()
        if let results { locations.results = results }
        return locations
    }

    private func chosenCases(_ suite: Suite) throws -> [SuiteCase] {
        var cases = suite.cases
        if !patterns.isEmpty {
            for pattern in patterns where !cases.contains(where: { fnmatch(pattern, $0.id, 0) == 0 }) {
                throw UserError.usage(
                    "no case of suite \(suite.name) matches '\(pattern)'; there are: "
                        + suite.cases.map(\.id).joined(separator: ", "))
            }
            cases = cases.filter { one in patterns.contains { fnmatch($0, one.id, 0) == 0 } }
        }
        if let threads { for index in cases.indices { cases[index].threads = threads } }
        if let scenario = scenario.flatMap(Scenario.init) {
            for index in cases.indices { cases[index].scenario = scenario }
        }
        guard let engine else { return cases }
        let engines = engine.split(separator: ",").map(String.init)
        return cases.flatMap { one in one.with(engines: engines) }
    }

    private func runOptions(_ cases: [SuiteCase]) throws -> RunOptions {
        var options = quick ? RunOptions.quick : RunOptions()
        // Pairs of short blocks cancel slow spells of the machine better than a few long ones.
        if against != nil, !quick { options.blocks = 10 }
        options.details = against == nil
        (options.pin, options.nice) = (pin, nice)
        if let repeats { options.blocks = repeats }
        if let maxSeconds { options.maxSeconds = maxSeconds }
        options.seed = seed
        options.isa = try EngineOptions.chosenISA(isa)
        options.algorithm = try algorithm.map(EngineOptions.chosenAlgorithm)
        (options.tune, options.lowMemory) = (tune, lowMemory)
        options.decode = try decode.map(EngineOptions.chosenDecode)
        if let algorithmsFrom {
            for one in try ResultsStore.read(algorithmsFrom).cases { options.recorded[one.id] = one }
            for one in cases where one.engine == EngineCatalogue.native && options.recorded[one.id] == nil {
                throw UserError.usage("--algorithms-from: \(algorithmsFrom) has no case \(one.id)")
            }
        }
        return options
    }
}
