import Engine
import Interchange

/// What a checkpoint's names and shapes do not tell; nil takes the file's metadata, then the family's default.
package struct NetworkOptions: Sendable {
    package var name: String?
    /// RepVGG: of the stem and of each stage's first block.
    package var strides: [Int]?
    /// Height and width that the network was made for.
    package var inputSize: [Int]?

    package init(name: String? = nil, strides: [Int]? = nil, inputSize: [Int]? = nil) {
        self.name = name
        self.strides = strides
        self.inputSize = inputSize
    }
}

/// Keys of safetensors' metadata that this project writes and reads.
package enum Metadata {
    /// `2,2,2,2,2`: the strides of RepVGG's stem and stages.
    package static let strides = "harness.strides"
    /// `224,224`: height and width.
    package static let inputSize = "harness.input_size"
    /// How the file was compressed, as JSON.
    package static let compression = "harness.compression"
    /// SHA-256 of the weights that it was made from.
    package static let source = "harness.source_sha256"
    package static let quantizationError = "harness.quantization_error"
    /// What a classifier needs besides its weights, as JSON: how images are prepared, its classes, its data set.
    package static let usage = "harness.usage"
    /// LIIF: `true` or `false`.
    package static let localEnsemble = "harness.local_ensemble"
    /// EDSR: the factor of each block's output.
    package static let residualScale = "harness.residual_scale"
}

extension Network {
    /// A network from a checkpoint: family, depth, widths and form are worked out from the names and shapes of its
    /// tensors. Each tensor must be used, and each needed one be there in exactly its shape.
    package init(_ checkpoint: Checkpoint, options: NetworkOptions = .init()) throws(NetworkError) {
        if let size = options.inputSize, size.count != 2 || !size.allSatisfy({ (1...1 << 16).contains($0) }) {
            throw .unsupported(file: checkpoint.file, reason: "the input size \(size) is not height and width")
        }
        let names = checkpoint.parameters().keys
        func some(_ matches: (String) -> Bool) -> Bool { names.contains(where: matches) }
        if some({ $0.hasSuffix(".centroids") || $0.hasSuffix(".assignments") }) {
            throw .unsupported(
                file: checkpoint.file,
                reason: "is in the format of BGD (And the Bit Goes Down: centroids and assignments), which is not read")
        }
        if some({ $0.hasPrefix("imnet.") }) {
            self = try LIIF.load(checkpoint, options)
        } else if some({ $0.contains("rbr_") || $0.contains("conv_kxk.") || $0.contains("reparam_conv.") }) {
            self = try RepVGG.load(checkpoint, options)
        } else if some({ $0.hasPrefix("features.0.") }) {
            self = try VGG.load(checkpoint, options)
        } else if some({ $0.hasPrefix("layer1.0.") }) {
            self = try ResNet.load(checkpoint, options)
        } else {
            throw .unknownFamily(file: checkpoint.file)
        }
    }

    /// A network by reference: `random:NAME[:train]`, or the path of a checkpoint.
    package static func load(
        _ reference: String, options: NetworkOptions = .init(), seed: UInt64 = 0
    ) throws(NetworkError) -> Network {
        if reference.hasPrefix("random:") { return try random(String(reference.dropFirst(7)), seed: seed) }
        let checkpoint: Checkpoint
        do { checkpoint = try Checkpoint.read(reference) } catch { throw .checkpoint(error) }
        return try Network(checkpoint, options: options)
    }
}
