import Compression
import Engine
import Foundation
import Interchange
import Networks
import Tensors

/// Compressed forms of networks that suites ask for, made once and kept in the cache folder.
struct CompressedModels {
    struct File {
        let path: String
        /// See `WeightsRecord`.
        let quantizationError: Double?
    }

    let locations: Locations
    let seed: UInt64
    let fineTune: FineTune

    /// The network that `reference` means, compressed.
    func file(_ reference: String, _ entry: CompressionEntry) throws -> File {
        let model = try Model.load(reference, models: locations.models, seed: seed)
        let source = try model.weights.sha256()
        let training = try entry.fineTuning.map { try describe($0) }
        let key = Digest.sha256(Array("2 \(source) \(entry.settings.json) \(training ?? "")".utf8)).prefix(24)
        let folder = "\(Locations.cache)/compressed"
        let path = "\(folder)/\(key).safetensors"
        if let stored = try? Checkpoint.read(path), stored.metadata[Metadata.source] == source {
            return File(
                path: path, quantizationError: stored.metadata[Metadata.quantizationError].flatMap(Double.init))
        }
        let threads = ProcessInfo.processInfo.activeProcessorCount
        var output = try Compressor(entry.settings, threads: threads).compress(model.network)
        if let fineTuning = entry.fineTuning { output.network = try fineTune(output.network, model, fineTuning) }
        var checkpoint = try model.checkpoint(of: output, settings: entry.settings)
        // Training moves codewords away from the weights on purpose, so there it tells nothing.
        let error = training == nil ? output.report.quantizationError : nil
        checkpoint.metadata[Metadata.quantizationError] = error.map { String($0) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try checkpoint.write(to: path)
        return File(path: path, quantizationError: error)
    }

    /// What the training depends on, as one line; throws where its images are absent.
    private func describe(_ fineTuning: CompressionEntry.FineTuning) throws -> String {
        let dataset = try Dataset.find(fineTuning.dataset, in: locations.datasets, part: .train)
        return "\(dataset.folder) \(dataset.items.count) \(fineTuning) \(seed)"
    }
}

/// Trains a compressed network that was made from the model; training is above this module, which `harness run` joins.
package typealias FineTune =
    @Sendable (_ student: Network, _ model: Model, _ settings: CompressionEntry.FineTuning) throws -> Network

extension Model {
    /// What compressing this network gave, as a checkpoint that carries all that is needed to run it on images.
    package func checkpoint(
        of output: Compressor.Output, settings: CompressionSettings, packsCodes: Bool = true
    ) throws -> Checkpoint {
        var checkpoint = output.checkpoint(
            settings: settings, source: try weights.sha256(), packsCodes: packsCodes)
        if !isRandom { checkpoint.metadata[Metadata.usage] = ModelUsage(self).json }
        return checkpoint
    }
}
