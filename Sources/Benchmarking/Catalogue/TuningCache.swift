import Engine
import Foundation
import Kernels
import Measurement
import Tensors

/// Measured choices of algorithms, kept in a folder: a JSON file for each CPU, instruction set, thread count and version.
///
/// A file that is damaged, or that names what this version does not know, counts as empty and is written anew.
package struct TuningCache {
    private struct Contents: Codable {
        var cpu: String
        var isa: String
        var threads: Int
        var version: String
        var algorithms: [String: ConvolutionAlgorithm]
    }

    private let path: String
    private var contents: Contents

    package init(cpu: String, options: PlanOptions, version: String, folder: String = Locations.cache) {
        contents = Contents(
            cpu: cpu, isa: options.isa.rawValue, threads: options.threads, version: version, algorithms: [:])
        let key = "\(cpu)|\(options.isa.rawValue)|\(options.threads)|\(version)|\(options.lowMemory)"
        path = "\(folder)/tuning-\(Digest.sha256(Array(key.utf8)).prefix(16)).json"
        if let data = FileManager.default.contents(atPath: path), data.count < 16 << 20,
            let stored = try? JSONDecoder().decode(Contents.self, from: data), stored.cpu == cpu,
            stored.isa == contents.isa, stored.threads == options.threads, stored.version == version
        {
            contents = stored
        }
    }

    /// The options with a measured algorithm for every convolution; what had to be measured is written to the cache.
    /// Layers that `options.choices` names already keep their choice.
    package mutating func tuned(
        _ network: Network, inputShape: [Int], options: PlanOptions, progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> PlanOptions {
        var (tuned, isNew) = (options, false)
        let choices = try Tuner(options: options, clock: MonotonicClock().now).choices(
            for: network, inputShape: inputShape, known: contents.algorithms,
            record: { key, algorithm in
                contents.algorithms[key.description] = algorithm
                isNew = true
            }, progress: progress)
        tuned.choices = options.choices.merging(choices) { own, _ in own }
        if isNew { save() }
        return tuned
    }

    /// A cache that cannot be written costs the next run its time, nothing else.
    private func save() {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        guard let data = try? encoder.encode(contents) else { return }
        let file = URL(fileURLWithPath: path)
        try? FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? data.write(to: file, options: .atomic)
    }
}
