import ArgumentParser
import Benchmarking
import Measurement
import Reporting

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn a results file into another format.",
        discussion: """
            FORMATS
              \(Exporter.allCases.map(\.rawValue).joined(separator: ", "))

            EXAMPLES
              harness export results/run.json --format markdown
              harness export results/run.json --format junit > junit.xml
            """)

    @Argument(help: "A results file, or the name of a baseline.")
    var results: String

    @Option(help: "The format.")
    var format: String

    func run() throws {
        guard let exporter = Exporter(rawValue: format) else {
            throw ValidationError(
                "no format '\(format)'; there are \(Exporter.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let store = ResultsStore(folder: Locations().results)
        let text = try exporter.export(try ResultsStore.read(try store.resolve(results)))
        Terminal.print(text, terminator: "")
    }
}
