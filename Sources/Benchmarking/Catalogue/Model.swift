import Engine
import Images
import Interchange
import Networks
import Tensors

/// A network with all that is needed to run it on images.
package struct Model: Sendable {
    /// What `--model` said, or the manifest's name.
    package let name: String
    /// In the form in which the weights are.
    package private(set) var network: Network
    package var preprocessing: Preprocessing
    package let weights: WeightsSource
    let classes: [String]
    /// The data set that its manifest names.
    package let dataset: String?

    package struct WeightsSource: Sendable {
        /// `file` or `random`.
        package let source: String
        private let digest: LazyDigest
        private enum LazyDigest: Sendable {
            case known(String)
            case file(String)
        }
        /// As stored, and as float32.
        package let bytes: Int
        package let denseBytes: Int

        /// Of the file; of the recipe (name, form, seed) where the weights are random. Reads the file when it is first
        /// asked for, so that loading a network need not wait for it.
        package func sha256() throws -> String {
            switch digest {
            case .known(let digest): digest
            case .file(let path): try Digest.sha256(file: path)
            }
        }

        /// - Parameter digest: nil for that of the file at `path`.
        init(source: String, digest: String?, path: String, bytes: Int, denseBytes: Int) {
            self.source = source
            self.digest = digest.map { .known($0) } ?? .file(path)
            self.bytes = bytes
            self.denseBytes = denseBytes
        }
    }

    package var isRandom: Bool { weights.source == "random" }

    /// Height and width that the network expects: the crop or the size of its preprocessing, else its own.
    package var inputSize: [Int] {
        if let crop = preprocessing.crop { return [crop, crop] }
        return network.inputSize
    }

    package func className(_ index: Int) -> String {
        classes.indices.contains(index) ? classes[index] : "class \(index)"
    }

    /// The network in the form that is asked for, ready for a plan; nil: as the weights are.
    package func network(in form: Network.Form?) throws(NetworkError) -> Network {
        switch form ?? network.form {
        case .training where network.form != .training:
            throw .unsupported(file: name, reason: "has no training form: its weights are \(network.form.rawValue)")
        case .training: return network.asTrained()
        case .fused, .plain: return network.fused()
        }
    }

    /// As `network(in:)`, and lets go of the weights, so that a plan need not hold a second copy of them.
    package mutating func takeNetwork(in form: Network.Form?) throws(NetworkError) -> Network {
        let taken = try network(in: form)
        network.layers = []
        return taken
    }

    /// Loads a name from `models`, a checkpoint file, or `random:NAME[:train]`.
    package static func load(
        _ reference: String, models: [String], seed: UInt64 = 1, form: Network.Form? = nil
    ) throws -> Model {
        if reference.hasPrefix("random:") { return try random(reference, seed: seed, form: form) }
        let isPath = reference.contains("/") || [".safetensors", ".pth", ".pt"].contains { reference.hasSuffix($0) }
        if isPath { return try file(reference) }
        let manifest = try ModelManifest.read(reference, in: models)
        var model = try file(manifest.weightsPath, name: reference, manifest: manifest)
        model.preprocessing = manifest.preprocessing
        return model
    }

    private static func file(_ path: String, name: String? = nil, manifest: ModelManifest? = nil) throws -> Model {
        let checkpoint = try Checkpoint.read(path)
        let digest = manifest == nil ? nil : checkpoint.digest
        if let manifest, manifest.sha256 != digest {
            throw CheckpointError.malformed(file: path, reason: "its SHA-256 is not the one that the manifest names")
        }
        let network = try Network(checkpoint, options: NetworkOptions(name: name, inputSize: manifest?.inputSize))
        let usage = manifest == nil ? try ModelUsage(checkpoint) : nil
        return Model(
            name: name ?? path, network: network, preprocessing: usage?.preprocessing ?? .imageNet,
            weights: WeightsSource(
                source: "file", digest: digest, path: path, bytes: checkpoint.storedBytes,
                denseBytes: network.denseBytes),
            classes: manifest?.classes ?? usage?.classes ?? [], dataset: manifest?.dataset ?? usage?.dataset)
    }

    private static func random(_ reference: String, seed: UInt64, form: Network.Form?) throws -> Model {
        var name = String(reference.dropFirst("random:".count))
        var training = form == .training
        if name.hasSuffix(":train") {
            name.removeLast(":train".count)
            training = form != .fused
        }
        let network = try Network.random(training ? name + ":train" : name, seed: seed)
        return Model(
            name: reference, network: network, preprocessing: .imageNet,
            weights: WeightsSource(
                source: "random", digest: Digest.sha256(Array("\(name) \(network.form) \(seed)".utf8)),
                path: reference, bytes: network.denseBytes, denseBytes: network.denseBytes),
            classes: [], dataset: nil)
    }
}
