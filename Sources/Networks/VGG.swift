import Engine
import Interchange

/// VGG: Simonyan and Zisserman, arXiv 1409.1556, table 1 (A, B, D, E); layers and names as in torchvision's vgg.py.
///
/// Convolutions 3×3 with ReLU, a 2×2 max pool after each stage, an adaptive average pool, and linear layers.
struct VGG: Equatable {
    struct Classifier: Equatable {
        var name: String
        var outputs: Int
    }

    var inputChannels: Int
    /// Output channels of the convolutions of each stage.
    var stages: [[Int]]
    var hasBatchNorm: Bool
    /// How many places in `features` a convolution takes with its batch norm and ReLU.
    var step: Int
    /// Height and width of the adaptive average pool's output.
    var poolSide: Int
    var classifiers: [Classifier]

    /// The size that no bin of the average pool has to be divided or repeated for.
    var inputSide: Int { poolSide << stages.count }

    func build<Source: ParameterSource>(
        _ parameters: Source, name: String, inputSize: [Int]
    ) throws(NetworkError) -> (Network, Source) {
        let network = Network(
            name: name, family: "vgg", form: .plain, inputChannels: inputChannels, inputSize: inputSize)
        var builder = NetworkBuilder(network: network, parameters: parameters)
        var (value, index, channels) = (0, 0, inputChannels)
        for stage in stages {
            for outputs in stage {
                let shape = [outputs, channels, 3, 3]
                let (convolution, norm) = ("features.\(index)", "features.\(index + 1)")
                if hasBatchNorm {
                    value = try builder.convolution(convolution, shape: shape, hasBias: true, gain: 1, of: value)
                    value = try builder.batchNorm(norm, channels: outputs, of: value)
                } else {
                    value = try builder.convolution(convolution, shape: shape, hasBias: true, of: value)
                }
                value = builder.relu("features.\(index + step - 1)", of: value)
                index += step
                channels = outputs
            }
            value = builder.network.append("features.\(index)", .maxPool(size: 2, stride: 2, padding: 0), value)
            index += 1
        }
        value = builder.network.append("avgpool", .adaptiveAveragePool(height: poolSide, width: poolSide), value)
        value = builder.network.append("flatten", .flatten, value)
        var inputs = channels * poolSide * poolSide
        for (index, linear) in classifiers.enumerated() {
            let isLast = index == classifiers.count - 1
            value = try builder.linear(
                linear.name, outputs: linear.outputs, inputs: inputs, gain: isLast ? 1 : 2, of: value)
            if !isLast { value = builder.relu(linear.name + ".relu", of: value) }
            inputs = linear.outputs
        }
        return (builder.network, builder.parameters)
    }
}

extension VGG {
    static let variants = ["11", "13", "16", "19", "11-bn", "13-bn", "16-bn", "19-bn"]

    init?(variant: String, inputChannels: Int = 3, classes: Int = 1000) {
        let depths: [Int]
        switch variant.prefix(2) {
        case "11": depths = [1, 1, 2, 2, 2]
        case "13": depths = [2, 2, 2, 2, 2]
        case "16": depths = [2, 2, 3, 3, 3]
        case "19": depths = [2, 2, 4, 4, 4]
        default: return nil
        }
        guard Self.variants.contains(variant) else { return nil }
        self.inputChannels = inputChannels
        stages = zip([64, 128, 256, 512, 512], depths).map { [Int](repeating: $0, count: $1) }
        hasBatchNorm = variant.hasSuffix("bn")
        step = hasBatchNorm ? 3 : 2
        poolSide = 7
        classifiers = zip(["classifier.0", "classifier.3", "classifier.6"], [4096, 4096, classes]).map(Classifier.init)
    }

    /// Works the architecture out from a checkpoint's names and shapes. Gaps between the places of convolutions in
    /// `features` show where the max pools are; the last layer of `features` is always one.
    init(_ parameters: CheckpointParameters) throws(NetworkError) {
        let places = parameters.layers(under: "features.")
        hasBatchNorm = parameters.contains("features.1.weight")
        let gaps = zip(places.dropFirst(), places).map { $0.subtractingReportingOverflow($1).partialValue }
        // A network whose batch norms were folded keeps the places, so that only a gap of 4 shows it.
        let step = hasBatchNorm || gaps.contains(4) ? 3 : 2
        self.step = step
        guard places.first == 0, gaps.allSatisfy({ (step...step + 1).contains($0) }) else {
            throw .unsupported(
                file: parameters.file, reason: "the places of its layers in features are not a VGG's: \(places)")
        }
        inputChannels = try parameters.matrix("features.0").columns / 9
        stages = [[]]
        for (index, place) in places.enumerated() {
            if index > 0, gaps[index - 1] == step + 1 { stages.append([]) }
            stages[stages.count - 1].append(try parameters.matrix("features.\(place)").rows)
        }
        let channels = stages[stages.count - 1].last ?? 1
        classifiers = []
        for name in parameters.layers(under: "classifier.").map({ "classifier.\($0)" }) {
            classifiers.append(Classifier(name: name, outputs: try parameters.matrix(name).rows))
        }
        if classifiers.isEmpty {
            classifiers = [Classifier(name: "classifier", outputs: try parameters.matrix("classifier").rows)]
        }
        let columns = try parameters.matrix(classifiers[0].name).columns
        poolSide = Int(Double(columns / channels).squareRoot())
        guard inputChannels > 0, poolSide > 0, poolSide * poolSide * channels == columns, stages.count <= 10 else {
            throw parameters.wrongShape(
                classifiers[0].name + ".weight", expected: "outputs×(\(channels) · a square number)")
        }
    }

    /// torchvision's name for a key of its own, of timm, or (`isOld`) from before dropout moved in 2017.
    static func canonical(_ key: String, isOld: Bool) -> String {
        let parts = key.split(separator: ".", omittingEmptySubsequences: false)
        let layer = parts.prefix(2).joined(separator: ".")
        guard let name = (isOld ? oldNames : timmNames)[layer] else { return key }
        return ([name] + parts.dropFirst(2).map(String.init)).joined(separator: ".")
    }

    private static let timmNames = [
        "pre_logits.fc1": "classifier.0", "pre_logits.fc2": "classifier.3", "head.fc": "classifier.6",
    ]
    private static let oldNames = ["classifier.1": "classifier.0", "classifier.4": "classifier.3"]

    static func load(_ checkpoint: Checkpoint, _ options: NetworkOptions) throws(NetworkError) -> Network {
        let keys = checkpoint.parameters().keys
        let isOld = [".weight", ".codes_matrix", ".codes_packed"].contains { keys.contains("classifier.1" + $0) }
        let parameters = try CheckpointParameters(checkpoint) { canonical($0, isOld: isOld) }
        let plan = try VGG(parameters)
        let classes = plan.classifiers[plan.classifiers.count - 1].outputs
        let variant = variants.first { VGG(variant: $0, inputChannels: plan.inputChannels, classes: classes) == plan }
        let storedSize = try parameters.storedInputSize()
        let (network, used) = try plan.build(
            parameters, name: options.name ?? variant.map { "vgg-" + $0 } ?? "vgg",
            inputSize: options.inputSize ?? storedSize ?? [plan.inputSide, plan.inputSide])
        try used.finish()
        return network
    }
}
