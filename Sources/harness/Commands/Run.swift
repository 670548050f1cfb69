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

    @Flag(help: "Keep no weights larger than they are stored.")
    var lowMemory = false

    @Option(help: "Take each layer's algorithm from this results file, to repeat its run exactly.", completion: .file())
    var algorithmsFrom: String?

    func validate() throws {
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
        let runner = try Runner(locations: locations, options: try runOptions(), version: Harness.version)
        let results = try await interruptible {
            await runner.run(suite, cases: cases) { Terminal.progress($0.text) }
        }
        Terminal.clearProgress()
        let path = try store.write(results)
        Terminal.print(SummaryTable.text(results))
        Terminal.note("results are in \(path)")
        for warning in results.environment.warnings { Terminal.note("warning: \(warning)") }
        if results.run.interrupted == true { throw ExitStatus.interrupted }
        if results.cases.contains(where: { $0.error != nil }) { throw ExitStatus.caseFailed }
        if results.cases.contains(where: { $0.accuracy?.failedGates.isEmpty == false }) {
            throw ExitStatus.accuracyBelowGate
        }
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
        guard let engine else { return cases }
        let engines = engine.split(separator: ",").map(String.init)
        return cases.flatMap { one in one.with(engines: engines) }
    }

    private func runOptions() throws -> RunOptions {
        var options = quick ? RunOptions.quick : RunOptions()
        if let repeats { options.blocks = repeats }
        if let maxSeconds { options.maxSeconds = maxSeconds }
        options.seed = seed
        options.isa = try EngineOptions.chosenISA(isa)
        options.algorithm = try algorithm.map(EngineOptions.chosenAlgorithm)
        (options.tune, options.lowMemory) = (tune, lowMemory)
        if let algorithmsFrom {
            for one in try ResultsStore.read(algorithmsFrom).cases {
                options.recordedAlgorithms[one.id] = one.algorithms
            }
        }
        return options
    }
}
