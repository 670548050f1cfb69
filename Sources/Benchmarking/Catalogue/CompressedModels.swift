import Checkpoints
import Compression
import Foundation
import Networks
import Tensors

/// Compressed forms of networks that suites ask for, made once and kept in the cache folder.
enum CompressedModels {
    /// The path of the network that `reference` means, compressed.
    static func path(
        _ reference: String, _ settings: CompressionSettings, models: [String], seed: UInt64, folder: String
    ) throws -> String {
        let model = try Model.load(reference, models: models, seed: seed)
        let source = try model.weights.sha256()
        let key = Digest.sha256(Array("1 \(source) \(settings.json)".utf8)).prefix(24)
        let path = "\(folder)/compressed/\(key).safetensors"
        if let stored = try? Checkpoint.read(path), stored.metadata[Metadata.source] == source { return path }
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let output = try Compressor(settings, threads: threads).compress(model.network)
        let checkpoint = try model.checkpoint(of: output, settings: settings)
        try FileManager.default.createDirectory(atPath: "\(folder)/compressed", withIntermediateDirectories: true)
        try checkpoint.write(to: path)
        return path
    }
}

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
