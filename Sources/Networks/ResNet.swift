import Engine
import Interchange

/// ResNet: He et al., arXiv 1512.03385, table 1; layers and names as in torchvision's resnet.py (version 1.5: a
/// bottleneck has its stride on the 3×3 convolution).
struct ResNet: Equatable {
    struct Block: Equatable {
        /// `layer1.0`, …
        var name: String
        var inputs: Int
        /// Output channels of the first convolution.
        var width: Int
        var outputs: Int
        var stride: Int
        /// Of a bottleneck's 3×3 convolution (ResNeXt).
        var groups = 1
        /// 1×1, 3×3, 1×1 instead of 3×3, 3×3.
        var isBottleneck: Bool

        var hasProjection: Bool { stride != 1 || inputs != outputs }
    }

    var inputChannels: Int
    var stem: Int
    var blocks: [Block]
    var classes: Int

    func build<Source: ParameterSource>(
        _ parameters: Source, name: String, inputSize: [Int]
    ) throws(NetworkError) -> (Network, Source) {
        let network = Network(
            name: name, family: "resnet", form: .plain, inputChannels: inputChannels, inputSize: inputSize)
        var builder = NetworkBuilder(network: network, parameters: parameters)
        var value = try builder.normalizedConvolution(
            "conv1", norm: "bn1", shape: [stem, inputChannels, 7, 7], stride: 2, of: 0)
        value = builder.relu("relu", of: value)
        value = builder.network.append("maxpool", .maxPool(size: 3, stride: 2, padding: 1), value)
        for block in blocks { value = try append(block, of: value, &builder) }
        value = builder.network.append("avgpool", .globalAveragePool, value)
        value = builder.network.append("flatten", .flatten, value)
        let channels = blocks.last?.outputs ?? stem
        _ = try builder.linear("fc", outputs: classes, inputs: channels, gain: 1, of: value)
        return (builder.network, builder.parameters)
    }

    private func append<Source>(
        _ block: Block, of input: Int, _ builder: inout NetworkBuilder<Source>
    ) throws(NetworkError) -> Int {
        let name = block.name
        var shortcut = input
        if block.hasProjection {
            shortcut = try builder.normalizedConvolution(
                name + ".downsample.0", norm: name + ".downsample.1", shape: [block.outputs, block.inputs, 1, 1],
                stride: block.stride, gain: 1, of: input)
        }
        let (width, outputs) = (block.width, block.outputs)
        // Kernel, channels and stride of each convolution of the main path.
        let path =
            block.isBottleneck
            ? [
                ([width, block.inputs, 1, 1], 1), ([width, width / block.groups, 3, 3], block.stride),
                ([outputs, width, 1, 1], 1),
            ]
            : [([width, block.inputs, 3, 3], block.stride), ([outputs, width, 3, 3], 1)]
        var value = input
        for (index, (shape, stride)) in path.enumerated() {
            let isLast = index == path.count - 1
            value = try builder.normalizedConvolution(
                "\(name).conv\(index + 1)", norm: "\(name).bn\(index + 1)", shape: shape, stride: stride,
                groups: block.isBottleneck && index == 1 ? block.groups : 1, gain: isLast ? 0.1 : 2, of: value)
            if !isLast { value = builder.relu("\(name).relu\(index + 1)", of: value) }
        }
        value = builder.network.append(name + ".add", .add, value, shortcut)
        return builder.relu(name + ".relu", of: value)
    }
}

extension ResNet {
    static let variants = ["18", "34", "50", "101", "152"]

    init?(variant: String, inputChannels: Int = 3, classes: Int = 1000) {
        let depths: [Int]
        switch variant {
        case "18": depths = [2, 2, 2, 2]
        case "34", "50": depths = [3, 4, 6, 3]
        case "101": depths = [3, 4, 23, 3]
        case "152": depths = [3, 8, 36, 3]
        default: return nil
        }
        let isBottleneck = !["18", "34"].contains(variant)
        self.inputChannels = inputChannels
        self.classes = classes
        stem = 64
        blocks = []
        for (stage, depth) in depths.enumerated() {
            let width = 64 << stage
            for index in 0..<depth {
                blocks.append(
                    Block(
                        name: "layer\(stage + 1).\(index)", inputs: blocks.last?.outputs ?? stem, width: width,
                        outputs: isBottleneck ? 4 * width : width, stride: stage > 0 && index == 0 ? 2 : 1,
                        isBottleneck: isBottleneck))
            }
        }
    }

    /// Works the architecture out from a checkpoint's names and shapes.
    init(_ parameters: CheckpointParameters) throws(NetworkError) {
        let stemColumns: Int
        (stem, stemColumns) = try parameters.matrix("conv1")
        inputChannels = stemColumns / 49
        guard inputChannels > 0 else { throw parameters.wrongShape("conv1.weight", expected: "outputs×inputs×7×7") }
        classes = try parameters.matrix("fc").rows
        let prefixes = Set(parameters.names.map { $0.split(separator: ".").prefix(2).joined(separator: ".") })
        blocks = []
        var stage = 1
        while prefixes.contains("layer\(stage).0") {
            var index = 0
            while prefixes.contains("layer\(stage).\(index)") {
                blocks.append(
                    try Self.block(
                        "layer\(stage).\(index)", inputs: blocks.last?.outputs ?? stem,
                        stride: stage > 1 && index == 0 ? 2 : 1, parameters))
                index += 1
            }
            stage += 1
        }
    }

    private static func block(
        _ name: String, inputs: Int, stride: Int, _ parameters: CheckpointParameters
    ) throws(NetworkError) -> Block {
        let width = try parameters.matrix(name + ".conv1").rows
        let second = try parameters.matrix(name + ".conv2")
        let isBottleneck = parameters.hasWeights(name + ".conv3")
        guard isBottleneck else {
            return Block(
                name: name, inputs: inputs, width: width, outputs: second.rows, stride: stride, isBottleneck: false)
        }
        let groupInputs = second.columns / 9
        guard groupInputs > 0, second.columns % 9 == 0, width % groupInputs == 0 else {
            throw parameters.wrongShape(name + ".conv2.weight", expected: "\(width)×\(width)/groups×3×3")
        }
        return Block(
            name: name, inputs: inputs, width: width, outputs: try parameters.matrix(name + ".conv3").rows,
            stride: stride, groups: width / groupInputs, isBottleneck: true)
    }

    static func load(_ checkpoint: Checkpoint, _ options: NetworkOptions) throws(NetworkError) -> Network {
        let parameters = try CheckpointParameters(checkpoint) { $0 }
        let plan = try ResNet(parameters)
        let variant = variants.first {
            ResNet(variant: $0, inputChannels: plan.inputChannels, classes: plan.classes) == plan
        }
        let storedSize = try parameters.storedInputSize()
        let (network, used) = try plan.build(
            parameters, name: options.name ?? variant.map { "resnet-" + $0 } ?? "resnet",
            inputSize: options.inputSize ?? storedSize ?? [224, 224])
        try used.finish()
        return network
    }
}
