import Engine
import Tensors

/// The published architectures that can be made by name.
package enum Catalogue {
    package static let names =
        RepVGG.variants.map { "repvgg-" + $0 } + VGG.variants.map { "vgg-" + $0 }
        + ResNet.variants.map { "resnet-" + $0 } + LIIF.variants.map { "liif-" + $0 }
}

extension Network {
    /// A published architecture with seeded random parameters, for 1000 classes: `repvgg-a0`, `repvgg-a0:train`,
    /// `vgg-16-bn`, `resnet-50`. Capitals, hyphens and underscores do not matter.
    package static func random(_ reference: String, seed: UInt64 = 0) throws(NetworkError) -> Network {
        try known(reference, RandomParameters(seed: seed))
    }

    /// A published architecture with all parameters zero, which takes no memory to speak of: for counting.
    package static func blueprint(_ reference: String) throws(NetworkError) -> Network {
        try known(reference, ZeroParameters())
    }

    private static func known(
        _ reference: String, _ parameters: some ParameterSource
    ) throws(NetworkError) -> Network {
        let parts = reference.split(separator: ":", omittingEmptySubsequences: false)
        let plain = { (text: Substring) in text.lowercased().filter { $0 != "-" && $0 != "_" } }
        guard let name = Catalogue.names.first(where: { plain($0[...]) == plain(parts[0]) }),
            let dash = name.firstIndex(of: "-")
        else { throw .unknownName(reference) }
        let isTraining = parts.count == 2 && parts[1] == "train" && name.hasPrefix("repvgg")
        guard parts.count == 1 || isTraining else { throw .unknownName(reference) }
        let variant = String(name[name.index(after: dash)...])
        if let plan = RepVGG(variant: variant, form: isTraining ? .training : .fused) {
            return try plan.build(parameters, name: name, inputSize: RepVGG.inputSize(variant: variant)).0
        }
        if name.hasPrefix("vgg"), let plan = VGG(variant: variant) {
            return try plan.build(parameters, name: name, inputSize: [224, 224]).0
        }
        if name.hasPrefix("liif"), let plan = LIIF(variant: variant) {
            return try plan.build(parameters, name: name, inputSize: [64, 64]).0
        }
        if let plan = ResNet(variant: variant) {
            return try plan.build(parameters, name: name, inputSize: [224, 224]).0
        }
        throw .unknownName(reference)
    }
}

/// Zeros, which the system only backs with memory once they are read or written.
private struct ZeroParameters: ParameterSource {
    func contains(_ name: String) -> Bool { false }

    func isFolded(convolution: String, norm: String) -> Bool { false }

    func weights(_ name: String, shape: [Int], gain: Double) -> Weights { .dense(zeros(shape)) }

    func bias(_ name: String, count: Int) -> Tensor { zeros([count]) }

    func batchNorm(_ name: String, channels: Int, gain: Double) -> BatchNorm {
        let zeros = zeros([channels])
        return BatchNorm(weight: zeros, bias: zeros, mean: zeros, variance: zeros)
    }

    private func zeros(_ shape: [Int]) -> Tensor { Tensor(shape: shape) { _ in } }
}
