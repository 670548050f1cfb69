import ArgumentParser
import Compression

/// The method of `harness compress`, and its settings.
struct CompressionOptions: ParsableArguments {
    @Option(help: "pqf, kmeans, int8 or fp16.")
    var method = "pqf"

    @Option(help: "Codewords per layer, at most a quarter of its subvectors.")
    var k = 256

    @Option(help: "Subvectors of k×k convolutions: small (one kernel) or large (two).")
    var blocks = "small"

    @Option(help: "Elements of a subvector of 1×1 convolutions.")
    var pointwiseD = 4

    @Option(help: "Elements of a subvector of linear layers.")
    var fcD = 4

    @Option(help: "Codewords of linear layers (default: as --k).")
    var fcK: Int?

    @Option(help: "A layer that stays dense, or what holds it, such as layer4; repeatable.")
    var keep: [String] = []

    @Flag(name: .customLong("no-permute"), help: "Leave the channels in their order.")
    var leavesOrder = false

    @Flag(help: "Scale channels through ReLU so that weights before and after are of like size.")
    var equalize = false

    @Flag(help: "Divide each output's weights by their root mean square, and keep that as a factor (16 bits).")
    var rowScales = false

    @Option(help: "annealed (SR-C) or lloyd.")
    var quantizer = "annealed"

    @Option(help: "First codewords: random or k-means++.")
    var start = "random"

    @Option(help: "Steps of the quantizer per layer.")
    var iterations = 300

    @Option(help: "Exchanges of channels to try per group.")
    var searchSteps = 20_000

    func settings(seed: UInt64) throws -> CompressionSettings {
        var settings = CompressionSettings(method: try Self.value(method, "--method"))
        settings.blocks = try Self.value(blocks, "--blocks")
        settings.start = try Self.value(start, "--start")
        guard ["annealed", "lloyd"].contains(quantizer) else {
            throw ValidationError("--quantizer takes annealed or lloyd")
        }
        settings.anneals = quantizer == "annealed"
        (settings.k, settings.pointwiseD, settings.linearD, settings.linearK) = (k, pointwiseD, fcD, fcK)
        (settings.keep, settings.permutes, settings.equalizes) = (keep, !leavesOrder, equalize)
        settings.scalesRows = rowScales
        (settings.iterations, settings.searchSteps, settings.seed) = (iterations, searchSteps, seed)
        return settings
    }

    private static func value<Value: RawRepresentable & CaseIterable>(
        _ text: String, _ option: String
    ) throws -> Value where Value.RawValue == String {
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\(option) takes one of \(known), and not '\(text)'")
        }
        return value
    }
}
