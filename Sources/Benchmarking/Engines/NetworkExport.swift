import Engine
import Foundation
import Interchange
import Tensors

/// Writes a network for other engines; engines/README.md describes the files.
package enum NetworkExport {
    /// Writes into `folder`, which exists: `network.json`, `weights.safetensors` with dense float32 weights,
    /// `input.safetensors` with the tensor `input` [N, C, H, W], and `output.safetensors` with the tensor `output`.
    package static func write(
        _ network: Network, input: Tensor, output: Tensor, to folder: String
    ) throws(CheckpointError) {
        var weights = Checkpoint(file: "\(folder)/weights.safetensors")
        let record = NetworkRecord(network, inputShape: input.shape, outputShape: output.shape) { name, tensor in
            weights.tensors[name] = StoredTensor(tensor)
        }
        try write(record, to: "\(folder)/network.json")
        try weights.write(to: weights.file)
        try write(input: input, output: output, to: folder)
    }

    static func write(_ record: some Encodable, to path: String) throws(CheckpointError) {
        do {
            try JSONEncoder().encode(record).write(to: URL(fileURLWithPath: path))
        } catch {
            throw .inaccessible(file: path, reason: "cannot be written")
        }
    }

    static func write(input: Tensor, output: Tensor, to folder: String) throws(CheckpointError) {
        try write(["input": input, "output": output], to: folder)
    }

    /// Writes each tensor into a file of its own.
    static func write(_ tensors: KeyValuePairs<String, Tensor>, to folder: String) throws(CheckpointError) {
        for (name, tensor) in tensors {
            let file = "\(folder)/\(name).safetensors"
            try Checkpoint(file: file, tensors: [name: StoredTensor(tensor)]).write(to: file)
        }
    }
}

/// The network file.
private struct NetworkRecord: Encodable {
    var name: String
    var input: [Int]
    var output: Int
    var layers: [LayerRecord]

    /// Calls `store` with a name of its own for every tensor.
    init(_ network: Network, inputShape: [Int], outputShape: [Int], store: (String, Tensor) -> Void) {
        let network = network.decoder == nil ? network : network.normalizingInput()
        name = network.name
        input = inputShape
        layers = network.layers.enumerated().map { i, layer in
            LayerRecord(layer) { role, tensor in
                let name = "\(i).\(layer.name).\(role)"
                store(name, tensor)
                return name
            }
        }
        if let decoder = network.decoder {
            layers.append(LayerRecord(decoder, of: layers.count, size: Array(outputShape.suffix(2)), store: store))
        }
        output = layers.count
    }
}

/// A layer of the network file: only the attributes of its operation are there.
private struct LayerRecord: Encodable {
    var name: String
    var operation: String
    var inputs: [Int]
    var weight: String?
    var bias: String?
    var mean: String?
    var variance: String?
    var epsilon: Float?
    var stride: Int?
    var padding: Int?
    var groups: Int?
    var activation: Activation?
    var factor: Float?
    var size: Int?
    var height: Int?
    var width: Int?
    var mlp: [MLPLayer]?
    var unfolds: Bool?
    var ensembles: Bool?
    var decodesCell: Bool?

    struct MLPLayer: Encodable {
        let weight: String
        let bias: String?
    }

    private enum CodingKeys: String, CodingKey {
        case name, operation, inputs, weight, bias, mean, variance, epsilon, stride, padding, groups, activation, factor
        case size, height, width, mlp, unfolds, ensembles
        case decodesCell = "decodes_cell"
    }

    /// The decoder of an upsampling network, which makes height × width of the features `value`.
    init(_ decoder: ImplicitDecoder, of value: Int, size: [Int], store: (String, Tensor) -> Void) {
        (name, operation, inputs) = ("imnet", "implicit_decoder", [value])
        (height, width) = (size[0], size[1])
        (unfolds, ensembles, decodesCell) = (decoder.unfolds, decoder.ensembles, decoder.decodesCell)
        mlp = decoder.layers.map { layer in
            store(layer.name + ".weight", layer.linear.weights.dense())
            if let bias = layer.linear.bias { store(layer.name + ".bias", bias) }
            return MLPLayer(weight: layer.name + ".weight", bias: layer.linear.bias.map { _ in layer.name + ".bias" })
        }
    }

    /// `store` keeps a tensor and returns its name.
    init(_ layer: Layer, store: (String, Tensor) -> String) {
        name = layer.name
        inputs = layer.inputs
        switch layer.operation {
        case .convolution(let convolution):
            operation = "convolution"
            weight = store("weight", convolution.weights.dense())
            bias = convolution.bias.map { store("bias", $0) }
            (stride, padding, groups) = (convolution.stride, convolution.padding, convolution.groups)
            activation = convolution.activation
        case .linear(let linear):
            operation = "linear"
            weight = store("weight", linear.weights.dense())
            bias = linear.bias.map { store("bias", $0) }
            activation = linear.activation
        case .batchNorm(let norm):
            operation = "batch_norm"
            weight = store("weight", norm.weight)
            bias = store("bias", norm.bias)
            mean = store("mean", norm.mean)
            variance = store("variance", norm.variance)
            epsilon = norm.epsilon
        case .relu: operation = "relu"
        case .sigmoid: operation = "sigmoid"
        case .add: operation = "add"
        case .multiply: operation = "multiply"
        case .scale(let value):
            operation = "scale"
            factor = value
        case .concatenate: operation = "concatenate"
        case .maxPool(let window, let step, let border):
            operation = "max_pool"
            (size, stride, padding) = (window, step, border)
        case .globalAveragePool: operation = "global_average_pool"
        case .adaptiveAveragePool(let rows, let columns):
            operation = "adaptive_average_pool"
            (height, width) = (rows, columns)
        case .flatten: operation = "flatten"
        }
    }
}

extension Network {
    /// The same network for images in [0, 1]: with a layer in front that brings them to [−1, 1].
    fileprivate func normalizingInput() -> Network {
        let constant = { (value: Float) in Tensor(shape: [3], [value, value, value]) }
        let norm = BatchNorm(
            weight: constant(1), bias: constant(0), mean: constant(0.5), variance: constant(0.25), epsilon: 0)
        var network = self
        network.layers = [Layer(name: "normalize", operation: .batchNorm(norm), inputs: [0])]
        network.layers += layers.map { Layer(name: $0.name, operation: $0.operation, inputs: $0.inputs.map { $0 + 1 }) }
        return network
    }
}
