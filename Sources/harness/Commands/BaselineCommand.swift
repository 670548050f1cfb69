import ArgumentParser
import Benchmarking
import Measurement

struct BaselineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baseline",
        abstract: "Keep results files under a name to compare with.",
        discussion: """
            EXAMPLES
              harness baseline save main results/run.json
              harness baseline list
              harness run --suite smoke && harness baseline check main
              harness compare main results/new.json
            """,
        subcommands: [Save.self, Show.self, Check.self])

    struct Save: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Keep a results file under a name.")

        @Argument(help: "The name; what had it before is replaced.")
        var name: String

        @Argument(help: "A results file.", completion: .file())
        var file: String

        @Option(help: "The folder of results files and baselines.")
        var results: String?

        func run() throws {
            let path = try ResultsStore(folder: results ?? Locations().results).saveBaseline(name, from: file)
            Terminal.note("saved as \(path)")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Show the names that exist.")

        @Option(help: "The folder of results files and baselines.")
        var results: String?

        func run() throws {
            for name in ResultsStore(folder: results ?? Locations().results).baselines() { Terminal.print(name) }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Judge the newest run of the baseline's suite against it; ends as compare does.")

        @Argument(help: "The baseline's name.")
        var name: String

        @Option(help: "The folder of results files and baselines.")
        var results: String?

        @Flag(help: "Print one JSON document.")
        var json = false

        func run() throws {
            let store = ResultsStore(folder: results ?? Locations().results)
            let suite = try ResultsStore.read(try store.resolve(name)).run.suite
            guard let newest = try store.newest(of: suite) else {
                throw UserError.inaccessible("\(store.folder): has no run of suite \(suite)")
            }
            Terminal.note("checking \(newest)")
            var compare = Compare()
            (compare.baseline, compare.candidate, compare.results, compare.json) = (name, newest, results, json)
            compare.tolerance = nil
            compare.anyMachine = false
            try compare.run()
        }
    }
}
