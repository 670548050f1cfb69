import Engine
import Measurement

/// What `harness run` runs: cases in order. Suites are YAML files; see `SuiteFile`.
package struct Suite: Sendable {
    package let name: String
    package let description: String
    package var cases: [SuiteCase]

    package init(name: String, description: String, cases: [SuiteCase]) {
        self.name = name
        self.description = description
        self.cases = cases
    }
}

/// A network in one form, run in one way.
package struct SuiteCase: Sendable, Codable, Equatable {
    /// Unique in its suite, and stable between runs.
    package var id: String
    /// What `--model` takes: a name, a path, or `random:NAME`.
    package var model: String
    /// The form to run it in; nil: as the weights are.
    package var form: Network.Form?
    package var engine: String = "native"
    package var threads: Int = 1
    package var batch: Int = 1
    /// Height and width; nil: what the network or its manifest says.
    package var input: [Int]?
    /// A data set to take the accuracy on.
    package var dataset: String?
    /// The accuracy that must be reached.
    package var gate: Gate?

    package struct Gate: Sendable, Codable, Equatable {
        package var top1: Double?
        package var top5: Double?
    }
}
