import Foundation
import Interchange
import Networks

extension Compressor.Output {
    /// The network as a checkpoint that says how it was made.
    ///
    /// - Parameters:
    ///   - source: the SHA-256 of the weights that it was made from.
    ///   - packsCodes: as many bits per code as it needs, where that is smaller; else bytes or words.
    package func checkpoint(
        settings: CompressionSettings, source: String, packsCodes: Bool = true
    ) -> Checkpoint {
        var checkpoint = network.checkpoint(
            CheckpointOptions(halves: settings.method == .fp16 && !network.isQuantized, packsCodes: packsCodes))
        checkpoint.metadata[Metadata.compression] = settings.json
        checkpoint.metadata[Metadata.source] = source
        return checkpoint
    }
}

extension CompressionSettings {
    /// One line, with the keys in a fixed order.
    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
