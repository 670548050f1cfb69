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
              harness compare main results/new.json
            """,
        subcommands: [Save.self, Show.self])

    struct Save: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Keep a results file under a name.")

        @Argument(help: "The name; what had it before is replaced.")
        var name: String

        @Argument(help: "A results file.", completion: .file())
        var file: String

        func run() throws {
            let path = try ResultsStore(folder: Locations().results).saveBaseline(name, from: file)
            Terminal.note("saved as \(path)")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Show the names that exist.")

        func run() throws {
            for name in ResultsStore(folder: Locations().results).baselines() { Terminal.print(name) }
        }
    }
}
