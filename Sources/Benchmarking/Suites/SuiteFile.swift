import Engine
import Measurement

/// Reads suites from YAML:
///
///     name: mine
///     description: What it shows
///     defaults: {threads: 1, batch: 1}
///     cases:
///       - id: a0                     # may be left out
///         model: random:repvgg-a0    # a name, a path, random:NAME; preprocess:NAME prepares images
///         form: fused                # or training
///         threads: [1, 2]            # lists make a case each
///         batch: 1
///         input: [224, 224]
///         scale: 4                   # of the output, for networks that upsample
///         dataset: mnist-1k
///         gate: {top1: 0.98}         # or top5, psnr_db
///         scenario: server           # or multi-stream, offline; single-stream is the default
///         latency_bound: 0.05        # of a server, in seconds
///         low_memory: true           # no transformed copies of weights
///         decode: run                # quantized weights stay small; or load
///         compress: {method: pqf, k: 256, blocks: large}   # as the options of harness compress, also fine_tune
enum SuiteFile {
    private static let caseKeys: Set = [
        "id", "model", "form", "engine", "threads", "batch", "input", "scale", "dataset", "gate", "low_memory",
        "decode", "compress", "scenario", "latency_bound",
    ]

    /// A suite by its name in the folder `suites`, or by the path of its file.
    static func find(_ name: String, in suites: String) throws(ConfigurationError) -> Suite {
        if name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return try read(name) }
        let path = "\(suites)/\(name).yaml"
        guard Locations.exists(path) else { throw .unknown(kind: "suite", name: name, known: names(in: suites)) }
        return try read(path)
    }

    static func names(in suites: String) -> [String] {
        Locations.entries(of: suites).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(".yaml".count)) }
    }

    static func read(_ path: String) throws(ConfigurationError) -> Suite {
        let yaml = try YAMLMapping.read(path, allowed: ["name", "description", "defaults", "cases"])
        let name = try yaml.requiredText("name")
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) }), name.first != "."
        else {
            throw yaml.wrong("name", "made of letters, digits, - and _ (it becomes part of a file name)")
        }
        let defaults = try yaml.mapping("defaults", allowed: caseKeys.subtracting(["id", "model"]))
        guard let entries = try yaml.mappings("cases", allowed: caseKeys), !entries.isEmpty else {
            throw yaml.wrong("cases", "a list of at least one case")
        }
        var cases: [SuiteCase] = []
        for entry in entries {
            for one in try expand(entry, defaults: defaults) {
                guard !cases.contains(where: { $0.id == one.id }) else {
                    throw .malformed(
                        file: path, line: entry.line, reason: "two cases have the id '\(one.id)'; give one an id")
                }
                cases.append(one)
            }
        }
        return Suite(name: name, description: try yaml.text("description") ?? "", cases: cases)
    }

    /// The cases of one entry: one for each engine, thread count and batch size that it lists.
    private static func expand(
        _ entry: YAMLMapping, defaults: YAMLMapping?
    ) throws(ConfigurationError) -> [SuiteCase] {
        func value<Value>(
            _ read: (YAMLMapping) throws(ConfigurationError) -> Value?
        ) throws(ConfigurationError) -> Value? {
            if let own = try read(entry) { return own }
            guard let defaults else { return nil }
            return try read(defaults)
        }
        let model = try entry.requiredText("model")
        var one = SuiteCase(id: "", model: model)
        one.form = try value { (y) throws(ConfigurationError) in try form(y) }
        one.input = try value { (y) throws(ConfigurationError) in try size(y) }
        one.scale = try value { (y) throws(ConfigurationError) in try scale(y) }
        one.dataset = try value { (y) throws(ConfigurationError) in try y.text("dataset") }
        one.lowMemory = try value { (y) throws(ConfigurationError) in try y.flag("low_memory") } ?? false
        one.decode = try value { (y) throws(ConfigurationError) in try decode(y) }
        one.compression = try value { (y) throws(ConfigurationError) in try CompressionEntry.read(y) }
        one.scenario = try value { (y) throws(ConfigurationError) in try scenario(y) } ?? .singleStream
        one.latencyBound = try value { (y) throws(ConfigurationError) in try y.number("latency_bound") }
        if let bound = one.latencyBound, !(bound > 0 && bound < 3600) {
            throw entry.wrong("latency_bound", "a number of seconds above 0")
        }
        one.gate = try value { (y) throws(ConfigurationError) in try gate(y) }
        let threads = try value { (y) throws(ConfigurationError) in try y.integers("threads", in: 1...256) } ?? [1]
        let batches = try value { (y) throws(ConfigurationError) in try y.integers("batch", in: 1...4096) } ?? [1]
        let engines = try value { (y) throws(ConfigurationError) in try y.texts("engine") } ?? ["native"]
        var base =
            try entry.text("id")
            ?? model.split(separator: ":").dropFirst(model.hasPrefix("random:") ? 1 : 0)
            .joined(separator: "-")
        if try entry.text("id") == nil {
            if let form = one.form { base += "-\(form)" }
            if let compression = one.compression { base += "-\(compression.label)" }
            if one.scenario != .singleStream { base += "-\(one.scenario.rawValue)" }
        }
        var cases: [SuiteCase] = []
        for engine in engines {
            for count in threads {
                for batch in batches {
                    one.id =
                        base + (engines.count > 1 ? "/\(engine)" : "") + (threads.count > 1 ? "/t\(count)" : "")
                        + (batches.count > 1 ? "/b\(batch)" : "")
                    (one.engine, one.threads, one.batch) = (engine, count, batch)
                    cases.append(one)
                }
            }
        }
        return cases
    }

    private static func form(_ yaml: YAMLMapping) throws(ConfigurationError) -> Network.Form? {
        guard let name = try yaml.text("form") else { return nil }
        guard let form = Network.Form(rawValue: name) else { throw yaml.wrong("form", "training, fused or plain") }
        return form
    }

    private static func decode(_ yaml: YAMLMapping) throws(ConfigurationError) -> Decode? {
        guard let name = try yaml.text("decode") else { return nil }
        guard let decode = Decode(rawValue: name) else { throw yaml.wrong("decode", "load or run") }
        return decode
    }

    private static func scenario(_ yaml: YAMLMapping) throws(ConfigurationError) -> Scenario? {
        guard let name = try yaml.text("scenario") else { return nil }
        guard let scenario = Scenario(rawValue: name) else {
            throw yaml.wrong("scenario", "one of " + Scenario.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return scenario
    }

    private static func size(_ yaml: YAMLMapping) throws(ConfigurationError) -> [Int]? {
        guard let size = try yaml.integers("input", in: 1...16384) else { return nil }
        guard size.count <= 2 else { throw yaml.wrong("input", "a size or [height, width]") }
        return size.count == 1 ? [size[0], size[0]] : size
    }

    private static func scale(_ yaml: YAMLMapping) throws(ConfigurationError) -> Double? {
        guard let scale = try yaml.number("scale") else { return nil }
        guard (1...100).contains(scale) else { throw yaml.wrong("scale", "a number from 1 to 100") }
        return scale
    }

    private static func gate(_ yaml: YAMLMapping) throws(ConfigurationError) -> SuiteCase.Gate? {
        guard let entry = try yaml.mapping("gate", allowed: ["top1", "top5", "psnr_db"]) else { return nil }
        let gate = SuiteCase.Gate(
            top1: try entry.number("top1"), top5: try entry.number("top5"), psnr: try entry.number("psnr_db"))
        for value in [gate.top1, gate.top5].compactMap(\.self) where !(0...1).contains(value) {
            throw yaml.wrong("gate", "fractions between 0 and 1")
        }
        if let psnr = gate.psnr, !(0...100).contains(psnr) { throw yaml.wrong("gate", "between 0 and 100 dB") }
        return gate
    }
}
