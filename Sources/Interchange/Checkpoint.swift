import OrderedCollections
import Tensors

/// What a checkpoint file holds: named tensors, and the plain values beside them.
///
/// PyTorch's nested dictionaries are flattened with dots (`model.sd.encoder.head.0.weight`), lists with their indices.
package struct Checkpoint: Sendable {
    /// The path it was read from.
    package var file: String
    package var tensors: OrderedDictionary<String, StoredTensor>
    /// safetensors' `__metadata__`.
    package var metadata: [String: String]
    /// Numbers, truth values and texts of a PyTorch file, flattened like the tensors (`model.args.imnet_spec.name`).
    package var values: [String: PlainValue]
    /// What a PyTorch file holds besides, and the Python type that stands there (`config`: `yacs.config.CfgNode`);
    /// such objects are never made.
    package internal(set) var skipped: [String: String] = [:]
    /// The bytes of the file it was read from.
    var contents: Storage?

    package init(
        file: String, tensors: OrderedDictionary<String, StoredTensor> = [:], metadata: [String: String] = [:],
        values: [String: PlainValue] = [:]
    ) {
        self.file = file
        self.tensors = tensors
        self.metadata = metadata
        self.values = values
    }

    /// Reads a safetensors file or a PyTorch file, zipped or the stream of before version 1.6; the content decides
    /// which, never the name. Nothing in the file is executed. Bytes of tensors stay in the file until they are asked
    /// for, and so do errors in them (a wrong checksum): `verify` asks for all.
    package static func read(_ path: String) throws(CheckpointError) -> Checkpoint {
        let contents = try FileContents.map(path)
        do throws(Defect) {
            var checkpoint =
                switch try FileFormat(contents) {
                case .safetensors: try Safetensors.read(contents, file: path)
                case .pytorchArchive: try PyTorchArchive.read(contents, file: path)
                case .pytorchStream: try PyTorchStream.read(contents, file: path)
                }
            checkpoint.contents = contents
            return checkpoint
        } catch { throw error.inFile(path) }
    }

    /// Loads the bytes of all tensors, and throws if some are not as they were written.
    package func verify() throws(CheckpointError) {
        for tensor in tensors.values { _ = try tensor.source.slice() }
    }

    /// The SHA-256 of the file it was read from; nil for a checkpoint made in memory.
    package var digest: String? { contents.map { contents in Digest.sha256(contents.bytes) } }

    /// The bytes that the tensors take as stored; tensors that share memory count once.
    package var storedBytes: Int { StoredTensor.storedBytes(tensors.values) }
}

package enum PlainValue: Sendable, Equatable {
    case none
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
}
