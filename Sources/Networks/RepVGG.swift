import Engine

/// RepVGG: Ding et al., "RepVGG: Making VGG-style ConvNets Great Again", arXiv 2101.03697, section 3; layers and names
/// as in the official repository (DingXiaoH/RepVGG, repvgg.py, repvggplus.py, se_block.py).
///
/// In training form a block is ReLU(BN(3×3) + BN(1×1) + BN(x)), the last where its input and output have the same
/// shape; fused it is ReLU(3×3). Squeeze-excite, where there is one, stands between sum and ReLU.
struct RepVGG: Equatable {
    struct Block: Equatable {
        /// `stage0`, `stage1.0`, …
        var name: String
        var inputs: Int
        var outputs: Int
        var stride: Int
        var groups = 1
        /// Channels of the squeeze-excite's bottleneck.
        var squeeze: Int?

        var hasIdentity: Bool { inputs == outputs && stride == 1 }
    }

    var form: Network.Form
    var blocks: [Block]
    var classes: Int
    /// RepVGGplus has the squeeze-excite after the ReLU, under the name `post_se`.
    var squeezesAfterActivation = false

    func build<Source: ParameterSource>(
        _ parameters: Source, name: String, inputSize: [Int]
    ) throws(NetworkError) -> (Network, Source) {
        let network = Network(
            name: name, family: "repvgg", form: form, inputChannels: blocks[0].inputs, inputSize: inputSize)
        var builder = NetworkBuilder(network: network, parameters: parameters)
        var value = 0
        for block in blocks {
            value = try sum(block, of: value, &builder)
            if !squeezesAfterActivation { value = try squeezeExcite(block, "se", of: value, &builder) }
            value = builder.relu(block.name + ".nonlinearity", of: value)
            if squeezesAfterActivation { value = try squeezeExcite(block, "post_se", of: value, &builder) }
        }
        value = builder.network.append("gap", .globalAveragePool, value)
        value = builder.network.append("flatten", .flatten, value)
        _ = try builder.linear("linear", outputs: classes, inputs: blocks[blocks.count - 1].outputs, gain: 1, of: value)
        return (builder.network, builder.parameters)
    }

    private func sum<Source>(
        _ block: Block, of input: Int, _ builder: inout NetworkBuilder<Source>
    ) throws(NetworkError) -> Int {
        let name = block.name
        let shape = [block.outputs, block.inputs / block.groups]
        guard form == .training else {
            // The official quantization recipe puts a batch norm after each fused convolution again.
            let isNormalized = [".weight", ".codes_matrix", ".codes_packed"]
                .contains { builder.parameters.contains(name + ".rbr_reparam.conv" + $0) }
            if !isNormalized {
                return try builder.convolution(
                    name + ".rbr_reparam", shape: shape + [3, 3], stride: block.stride, groups: block.groups,
                    hasBias: true, of: input)
            }
            return try builder.normalizedConvolution(
                name + ".rbr_reparam", norm: name + ".rbr_reparam.bn", parameterName: name + ".rbr_reparam.conv",
                shape: shape + [3, 3], stride: block.stride, groups: block.groups, of: input)
        }
        let gain = block.hasIdentity ? 0.68 : 1
        let dense = try builder.normalizedConvolution(
            name + ".rbr_dense.conv", norm: name + ".rbr_dense.bn", shape: shape + [3, 3], stride: block.stride,
            groups: block.groups, gain: gain, of: input)
        let pointwise = try builder.normalizedConvolution(
            name + ".rbr_1x1.conv", norm: name + ".rbr_1x1.bn", shape: shape + [1, 1], stride: block.stride,
            groups: block.groups, gain: gain, of: input)
        // The sum bears the name of the convolution that it becomes when the branches are merged.
        guard block.hasIdentity else { return builder.network.append(name + ".rbr_reparam", .add, dense, pointwise) }
        let identity = try builder.batchNorm(
            name + ".rbr_identity", channels: block.outputs, gain: 0.16, of: input)
        return builder.network.append(name + ".rbr_reparam", .add, dense, pointwise, identity)
    }

    /// x · sigmoid(up(ReLU(down(mean over height and width of x)))).
    private func squeezeExcite<Source>(
        _ block: Block, _ suffix: String, of input: Int, _ builder: inout NetworkBuilder<Source>
    ) throws(NetworkError) -> Int {
        guard let squeeze = block.squeeze else { return input }
        let name = "\(block.name).\(suffix)"
        var gate = builder.network.append(name + ".pool", .globalAveragePool, input)
        gate = try builder.convolution(
            name + ".down", shape: [squeeze, block.outputs, 1, 1], hasBias: true, of: gate)
        gate = builder.relu(name + ".relu", of: gate)
        gate = try builder.convolution(
            name + ".up", shape: [block.outputs, squeeze, 1, 1], hasBias: true, gain: 1, of: gate)
        gate = builder.network.append(name + ".sigmoid", .sigmoid, gate)
        return builder.network.append(name + ".multiply", .multiply, input, gate)
    }
}

extension RepVGG {
    /// The published variants (paper, table 2; D2se from the repository).
    static let variants = [
        "a0", "a1", "a2", "b0", "b1", "b1g2", "b1g4", "b2", "b2g2", "b2g4", "b3", "b3g2", "b3g4", "d2se",
    ]

    /// The size that the published accuracy is for.
    static func inputSize(variant: String?) -> [Int] { variant == "d2se" ? [320, 320] : [224, 224] }

    /// A published variant.
    init?(variant: String, form: Network.Form, inputChannels: Int = 3, classes: Int = 1000) {
        guard Self.variants.contains(variant) else { return nil }
        let multipliers: [Double] =
            switch variant.prefix(2) {
            case "a0": [0.75, 0.75, 0.75, 2.5]
            case "a1", "b0": [1, 1, 1, 2.5]
            case "a2": [1.5, 1.5, 1.5, 2.75]
            case "b1": [2, 2, 2, 4]
            case "b2", "d2": [2.5, 2.5, 2.5, 5]
            default: [3, 3, 3, 5]
            }
        let depths = variant.hasPrefix("a") ? [2, 4, 14, 1] : variant.hasPrefix("b") ? [4, 6, 16, 1] : [8, 14, 24, 1]
        let grouping = variant.hasSuffix("g2") ? 2 : variant.hasSuffix("g4") ? 4 : 1
        let widths = zip([64, 128, 256, 512], multipliers).map { Int(Double($0) * $1) }
        let stem = min(64, widths[0])
        var blocks = [Block(name: "stage0", inputs: inputChannels, outputs: stem, stride: 2)]
        for (stage, depth) in depths.enumerated() {
            for index in 0..<depth {
                // Every second block is grouped, counted from the stem on.
                blocks.append(
                    Block(
                        name: "stage\(stage + 1).\(index)", inputs: blocks[blocks.count - 1].outputs,
                        outputs: widths[stage], stride: index == 0 ? 2 : 1,
                        groups: blocks.count % 2 == 0 ? grouping : 1))
            }
        }
        if variant.hasSuffix("se") {
            for index in blocks.indices { blocks[index].squeeze = blocks[index].outputs / 16 }
        }
        self.init(form: form, blocks: blocks, classes: classes)
    }
}
