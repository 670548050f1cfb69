import ArgumentParser
import Benchmarking
import Foundation
import Measurement

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judge one run against another, case by case.",
        discussion: """
            Takes results files, or names of saved baselines. A case is worse only if its whole interval lies beyond both
            the tolerance and the noise that the runs show themselves.

            EXIT STATUS
              0 no case is worse      2 a regression       4 an improvement beyond what is believable
              5 a case is missing     6 not comparable     7 too noisy to say     8 accuracy below its gate

            EXAMPLES
              harness compare results/before.json results/after.json
              harness compare main results/after.json --json
            """)

    @Argument(help: "The results file or baseline to compare with.")
    var baseline: String

    @Argument(help: "The results file to judge.")
    var candidate: String

    @Option(help: "Ratios closer to 1 than this are never a change, such as 0.01 for 1 %.")
    var tolerance: Double?

    @Option(help: "The folder of results files and baselines.")
    var results: String?

    @Flag(help: "Compare runs of different machines all the same.")
    var anyMachine = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        if let tolerance, !(tolerance >= 0 && tolerance < 1) { throw ValidationError("--tolerance takes 0 to 1") }
    }

    func run() throws {
        let store = ResultsStore(folder: results ?? Locations().results)
        var options = ComparisonOptions()
        if let tolerance { options.tolerance = tolerance }
        options.anyMachine = anyMachine
        let comparison = Comparison(
            baseline: try ResultsStore.read(try store.resolve(baseline)),
            candidate: try ResultsStore.read(try store.resolve(candidate)), options: options)
        Terminal.print(json ? String(decoding: try comparison.json(), as: UTF8.self) : comparison.text())
        if comparison.exitStatus != 0 { Foundation.exit(Int32(comparison.exitStatus)) }
    }
}
