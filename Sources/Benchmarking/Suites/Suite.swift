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
    /// Of the output, for networks that upsample.
    package var scale: Double?
    /// Keeps no weights larger than they are stored.
    package var lowMemory = false
    /// When product-quantized weights are decoded; nil: whichever is faster for each layer.
    package var decode: Decode?
    /// How its weights are compressed before it is run; nil: they are taken as they are.
    package var compression: CompressionEntry?
    /// How queries arrive; other than one after another for the native engine only.
    package var scenario = Scenario.singleStream
    /// What the server's 99th percentile may be, in seconds; nil: ten inferences, but at least 15 ms.
    package var latencyBound: Double?
    /// A data set to take the accuracy on.
    package var dataset: String?
    /// The accuracy that must be reached.
    package var gate: Gate?

    package init(id: String, model: String) {
        self.id = id
        self.model = model
    }

    package struct Gate: Sendable, Codable, Equatable {
        package var top1: Double?
        package var top5: Double?
        /// In dB, of networks that upsample.
        package var psnr: Double?
    }
}

extension Suite {
    /// A suite by its name in the folder `suites`, or by the path of its file.
    package static func find(_ name: String, in suites: String) throws(ConfigurationError) -> Suite {
        try SuiteFile.find(name, in: suites)
    }

    /// Every suite of the folder, by name.
    package static func all(in suites: String) throws(ConfigurationError) -> [Suite] {
        var all: [Suite] = []
        for name in SuiteFile.names(in: suites) { all.append(try SuiteFile.find(name, in: suites)) }
        return all
    }
}

extension SuiteCase {
    /// The case once for each engine; ids of contenders end in `@engine`.
    package func with(engines: [String]) -> [SuiteCase] {
        engines.map { engine in
            var one = self
            one.engine = engine
            if engine != "native" { one.id += "@\(engine)" }
            return one
        }
    }
}
