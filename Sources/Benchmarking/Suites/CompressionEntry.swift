import Compression

/// What `compress:` of a suite asks for; keys are named like the options of `harness compress`.
package struct CompressionEntry: Sendable, Codable, Equatable {
    /// Training after the compression.
    package struct FineTuning: Sendable, Codable, Equatable {
        /// Of which the train part is taken.
        package let dataset: String
        /// nil where the suite leaves the default.
        package let epochs: Int?
        package let learningRate: Double?
        /// Whether images are mirrored.
        package let flips: Bool
    }

    package var settings: CompressionSettings
    package var fineTuning: FineTuning?

    /// What tells cases apart, such as `pqf-large-k256-tuned`.
    package var label: String { settings.label + (fineTuning == nil ? "" : "-tuned") }

    private static let keys: Set = [
        "method", "k", "blocks", "pointwise_d", "fc_d", "fc_k", "keep", "permute", "equalize", "quantizer", "start",
        "iterations", "search_steps", "seed", "row_scales", "fine_tune", "epochs", "learning_rate", "flip",
    ]

    static func read(_ yaml: YAMLMapping) throws(ConfigurationError) -> CompressionEntry? {
        guard let entry = try yaml.mapping("compress", allowed: keys) else { return nil }
        let one = CompressionEntry(settings: try settings(entry), fineTuning: try fineTuning(entry))
        guard one.fineTuning == nil || one.settings.method != .fp16 else {
            throw entry.wrong("fine_tune", "for pqf, kmeans and int8")
        }
        return one
    }

    private static func settings(_ entry: YAMLMapping) throws(ConfigurationError) -> CompressionSettings {
        var settings = CompressionSettings(method: try choice(entry, "method") ?? .pqf)
        settings.blocks = try choice(entry, "blocks") ?? settings.blocks
        settings.start = try choice(entry, "start") ?? settings.start
        settings.k = try entry.integer("k", in: 2...1 << 16) ?? settings.k
        settings.pointwiseD = try entry.integer("pointwise_d", in: 1...256) ?? settings.pointwiseD
        settings.linearD = try entry.integer("fc_d", in: 1...256) ?? settings.linearD
        settings.linearK = try entry.integer("fc_k", in: 2...1 << 16)
        settings.keep = try entry.texts("keep") ?? []
        settings.permutes = try entry.flag("permute") ?? settings.permutes
        settings.equalizes = try entry.flag("equalize") ?? settings.equalizes
        settings.scalesRows = try entry.flag("row_scales") ?? settings.scalesRows
        settings.iterations = try entry.integer("iterations", in: 1...100_000) ?? settings.iterations
        settings.searchSteps = try entry.integer("search_steps", in: 0...10_000_000) ?? settings.searchSteps
        settings.seed = UInt64(try entry.integer("seed", in: 0...Int.max) ?? 1)
        if let quantizer = try entry.text("quantizer") {
            guard ["annealed", "lloyd"].contains(quantizer) else { throw entry.wrong("quantizer", "annealed or lloyd") }
            settings.anneals = quantizer == "annealed"
        }
        return settings
    }

    private static func fineTuning(_ entry: YAMLMapping) throws(ConfigurationError) -> FineTuning? {
        let rate = try entry.number("learning_rate")
        if let rate, !(rate > 0 && rate <= 10) { throw entry.wrong("learning_rate", "above 0 and at most 10") }
        let (epochs, flips) = (try entry.integer("epochs", in: 1...10_000), try entry.flag("flip"))
        guard let dataset = try entry.text("fine_tune") else {
            guard epochs == nil, rate == nil, flips == nil else {
                throw entry.wrong("fine_tune", "the data set, for epochs, learning_rate and flip to have a sense")
            }
            return nil
        }
        return FineTuning(dataset: dataset, epochs: epochs, learningRate: rate, flips: flips ?? true)
    }

    private static func choice<Value: RawRepresentable & CaseIterable>(
        _ yaml: YAMLMapping, _ key: String
    ) throws(ConfigurationError) -> Value? where Value.RawValue == String {
        guard let text = try yaml.text(key) else { return nil }
        guard let value = Value(rawValue: text) else {
            throw yaml.wrong(key, Value.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return value
    }
}
