import ArgumentParser
import Benchmarking
import Foundation
import Measurement
import Reporting

struct MakeReport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Draw results files as one self-contained page.",
        discussion: """
            The newest run is shown in full; with several runs of a suite, each case's history too.

            EXAMPLES
              harness report results/run.json --output report.html
              harness report results/*.json --output history.html
            """)

    @Argument(help: "Results files, or names of baselines.", completion: .file())
    var results: [String]

    @Option(help: "The page to write.", completion: .file())
    var output: String

    func run() async throws {
        let store = ResultsStore(folder: Locations().results)
        var report = Report()
        try await ResultsStore.read(try results.map { try store.resolve($0) }) { report.add($0) }
        do {
            try Data(report.html.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
        } catch {
            throw UserError.inaccessible("\(output): cannot be written")
        }
        Terminal.note("the report is in \(output)")
    }
}
