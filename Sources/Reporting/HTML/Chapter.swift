import Foundation
import Measurement

/// What the report keeps of a suite's runs.
struct Chapter {
    private(set) var newest: Results?
    private var past: [String: PastRun] = [:]

    mutating func add(_ results: Results) {
        guard past.updateValue(PastRun(results), forKey: results.run.id) == nil else { return }
        if let newest, newest.run.started >= results.run.started { return }
        newest = results
    }

    /// Oldest first.
    var runs: [PastRun] { past.values.sorted { ($0.started, $0.id) < ($1.started, $1.id) } }
}

/// The medians of a run.
struct PastRun {
    let id: String
    let started: Date
    let commit: String?
    /// Runs on other machines say nothing about this one.
    let machine: Machine
    let cases: [String: PastCase]

    init(_ results: Results) {
        id = results.run.id
        started = results.run.started
        commit = results.run.git?.commit
        machine = Machine(results.environment)
        cases = Dictionary(
            results.cases.compactMap { one in
                one.measured.map { (one.id, PastCase(median: $0.median, threads: one.threads, batch: one.batch)) }
            }, uniquingKeysWith: { first, _ in first })
    }
}

struct PastCase {
    let median: Double
    let threads: Int
    let batch: Int
}

struct Machine: Equatable {
    let model: String
    let cores: Int

    init(_ environment: EnvironmentRecord) {
        model = environment.cpu.model
        cores = environment.cpu.cores
    }
}
