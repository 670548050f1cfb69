import Compression

/// The settings of `compress:` in a suite; keys are named like the options of `harness compress`.
enum CompressionEntry {
    private static let keys: Set = [
        "method", "k", "blocks", "pointwise_d", "fc_d", "fc_k", "keep", "permute", "equalize", "quantizer", "start",
        "iterations", "seed", "row_scales",
    ]

    static func read(_ yaml: YAMLMapping) throws(ConfigurationError) -> CompressionSettings? {
        guard let entry = try yaml.mapping("compress", allowed: keys) else { return nil }
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
        settings.seed = UInt64(try entry.integer("seed", in: 0...Int.max) ?? 1)
        if let quantizer = try entry.text("quantizer") {
            guard ["annealed", "lloyd"].contains(quantizer) else { throw entry.wrong("quantizer", "annealed or lloyd") }
            settings.anneals = quantizer == "annealed"
        }
        return settings
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
