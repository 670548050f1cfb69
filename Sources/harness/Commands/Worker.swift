import ArgumentParser
import Benchmarking

/// What `run` starts for each case; see engines/README.md for the protocol.
struct Worker: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure one case, told by lines on standard input.", shouldDisplay: false)

    func run() throws {
        var worker = Benchmarking.Worker()
        worker.serve()
    }
}
