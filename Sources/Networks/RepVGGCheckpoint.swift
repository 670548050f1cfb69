import Engine
import Interchange

extension RepVGG {
    /// Works the architecture out from a checkpoint's names and shapes.
    ///
    /// - Parameter strides: those of the stem and of each stage's first block; 2 where nil, except where an identity
    ///   branch shows that it is 1.
    init(_ parameters: CheckpointParameters, strides: [Int]?) throws(NetworkError) {
        let isTraining = parameters.names.contains { $0.contains(".rbr_dense.") }
        form = isTraining ? .training : .fused
        squeezesAfterActivation = parameters.names.contains { $0.contains(".post_se.") }
        let prefixes = Set(parameters.names.map { $0.split(separator: ".").prefix(2).joined(separator: ".") })
        let names = Self.blockNames { prefixes.contains($0) }
        if let strides, strides.count != names.count {
            throw .unsupported(
                file: parameters.file,
                reason: "\(strides.count) strides for a stem and \(names.count - 1) stages")
        }
        var blocks: [Block] = []
        for (stage, names) in names.enumerated() {
            for (index, name) in names.enumerated() {
                let hasIdentity = parameters.contains(name + ".rbr_identity.weight")
                let stride = index > 0 ? 1 : strides?[stage] ?? (hasIdentity ? 1 : 2)
                blocks.append(
                    try Self.block(name, inputs: blocks.last?.outputs, stride: stride, isTraining, parameters))
            }
        }
        self.blocks = blocks
        classes = try parameters.matrix("linear").rows
    }

    /// Per stage the names of its blocks: `stage0`, then `stage1.0`, `stage1.1`, …
    private static func blockNames(_ exists: (String) -> Bool) -> [[String]] {
        var stages = [["stage0"]]
        while exists("stage\(stages.count).0") {
            var names: [String] = []
            while exists("stage\(stages.count).\(names.count)") { names.append("stage\(stages.count).\(names.count)") }
            stages.append(names)
        }
        return stages
    }

    private static func block(
        _ name: String, inputs: Int?, stride: Int, _ isTraining: Bool, _ parameters: CheckpointParameters
    ) throws(NetworkError) -> Block {
        var layer = name + (isTraining ? ".rbr_dense.conv" : ".rbr_reparam")
        if !isTraining && parameters.hasWeights(layer + ".conv") { layer += ".conv" }
        let (outputs, columns) = try parameters.matrix(layer)
        let groupInputs = columns / 9
        let inputs = inputs ?? groupInputs
        guard groupInputs > 0, columns % 9 == 0, inputs % groupInputs == 0, outputs % (inputs / groupInputs) == 0 else {
            throw parameters.wrongShape(layer + ".weight", expected: "outputs×\(inputs)/groups×3×3")
        }
        var block = Block(
            name: name, inputs: inputs, outputs: outputs, stride: stride, groups: inputs / groupInputs)
        for down in [name + ".se.down", name + ".post_se.down"] where parameters.hasWeights(down) {
            block.squeeze = try parameters.matrix(down).rows
        }
        return block
    }

    /// The official name for a key in official, RepVGGplus or timm spelling; nil for one to ignore.
    static func canonical(_ key: String, firstHalf: Int) -> String? {
        var parts = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if parts[0].hasPrefix("stage"), parts[0].hasSuffix("_aux") { return nil }
        if parts[0] == "stem" { parts[0] = "stage0" }
        if parts[0] == "head", parts.count > 1, parts[1] == "fc" { parts.replaceSubrange(0...1, with: ["linear"]) }
        if parts[0] == "stages", parts.count > 1, let stage = Int(parts[1]), (0..<100).contains(stage) {
            parts.replaceSubrange(0...1, with: ["stage\(stage + 1)"])
        }
        if parts.count > 2, parts[1] == "blocks" {
            // RepVGGplus holds its third stage in two halves.
            if parts[0] == "stage3_second", let index = Int(parts[2]), (0..<10_000).contains(index) {
                parts[2] = String(firstHalf + index)
            }
            if parts[0].hasPrefix("stage3_") { parts[0] = "stage3" }
            parts.remove(at: 1)
        }
        return parts.map { timmNames[$0] ?? $0 }.joined(separator: ".")
            .replacing(".attn.fc1.", with: ".se.down.").replacing(".attn.fc2.", with: ".se.up.")
    }

    private static let timmNames = [
        "conv_kxk": "rbr_dense", "conv_1x1": "rbr_1x1", "identity": "rbr_identity", "reparam_conv": "rbr_reparam",
    ]

    static func load(_ checkpoint: Checkpoint, _ options: NetworkOptions) throws(NetworkError) -> Network {
        var firstHalf = 0
        let keys = Set(checkpoint.parameters().keys.map { $0.split(separator: ".").prefix(3).joined(separator: ".") })
        while keys.contains("stage3_first.blocks.\(firstHalf)") { firstHalf += 1 }
        let parameters = try CheckpointParameters(checkpoint) { canonical($0, firstHalf: firstHalf) }
        let storedStrides = try parameters.integers(metadata: Metadata.strides)
        let strides = options.strides ?? storedStrides
        if let strides, !strides.allSatisfy({ (1...8).contains($0) }) {
            throw .unsupported(file: parameters.file, reason: "strides \(strides) are not between 1 and 8")
        }
        let plan = try RepVGG(parameters, strides: strides)
        let variant = variants.first {
            RepVGG(variant: $0, form: plan.form, inputChannels: plan.blocks[0].inputs, classes: plan.classes) == plan
        }
        let storedSize = try parameters.storedInputSize()
        let size = options.inputSize ?? storedSize ?? inputSize(variant: variant)
        let (network, used) = try plan.build(
            parameters, name: options.name ?? variant.map { "repvgg-" + $0 } ?? "repvgg", inputSize: size)
        try used.finish()
        return network
    }
}
