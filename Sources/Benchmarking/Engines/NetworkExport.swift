import Checkpoints
import Engine
import Foundation
import Tensors

/// Writes a network for other engines: `network.json` (the layer list), `weights.safetensors`, `input.safetensors` and
/// `output.safetensors`, what this project's engine makes of the input. engines/README.md describes the layer list.
enum NetworkExport {
    static func write(_ network: Network, input: Tensor, output: Tensor, to folder: String) throws {
        var tensors: [String: Tensor] = [:]
        let layers = network.layers.enumerated().map { index, layer in
            var entry: [String: Any] = ["name": layer.name, "inputs": layer.inputs]
            entry.merge(describe(layer.operation, prefix: "\(index)", into: &tensors)) { $1 }
            return entry
        }
        let document: [String: Any] = [
            "name": network.name, "input": input.shape, "output": network.layers.count, "layers": layers,
        ]
        let data = try JSONSerialization.data(withJSONObject: document, options: [.sortedKeys, .prettyPrinted])
        try data.write(to: URL(fileURLWithPath: "\(folder)/network.json"))
        try write(tensors, to: "\(folder)/weights.safetensors")
        try write(["input": input], to: "\(folder)/input.safetensors")
        try write(["output": output], to: "\(folder)/output.safetensors")
    }

    private static func write(_ tensors: [String: Tensor], to path: String) throws {
        let sorted = tensors.sorted { $0.key < $1.key }.map { ($0.key, StoredTensor($0.value)) }
        try Checkpoint(file: path, tensors: .init(uniqueKeysWithValues: sorted)).write(to: path)
    }

    /// The operation's name and attributes; its tensors go into `tensors` under names that start with `prefix`.
    private static func describe(
        _ operation: Engine.Operation, prefix: String, into tensors: inout [String: Tensor]
    ) -> [String: Any] {
        func add(_ name: String, _ tensor: Tensor?) -> Any {
            guard let tensor else { return NSNull() }
            tensors["\(prefix).\(name)"] = tensor
            return "\(prefix).\(name)"
        }
        switch operation {
        case .convolution(let convolution):
            return [
                "operation": "convolution", "stride": convolution.stride, "padding": convolution.padding,
                "groups": convolution.groups, "activation": convolution.activation.rawValue,
                "weight": add("weight", convolution.weights.dense()), "bias": add("bias", convolution.bias),
            ]
        case .linear(let linear):
            return [
                "operation": "linear", "activation": linear.activation.rawValue,
                "weight": add("weight", linear.weights.dense()), "bias": add("bias", linear.bias),
            ]
        case .batchNorm(let norm):
            return [
                "operation": "batch_norm", "epsilon": Double(norm.epsilon), "weight": add("weight", norm.weight),
                "bias": add("bias", norm.bias), "mean": add("mean", norm.mean),
                "variance": add("variance", norm.variance),
            ]
        case .relu: return ["operation": "relu"]
        case .sigmoid: return ["operation": "sigmoid"]
        case .add: return ["operation": "add"]
        case .multiply: return ["operation": "multiply"]
        case .scale(let factor): return ["operation": "scale", "factor": Double(factor)]
        case .concatenate: return ["operation": "concatenate"]
        case .maxPool(let size, let stride, let padding):
            return ["operation": "max_pool", "size": size, "stride": stride, "padding": padding]
        case .globalAveragePool: return ["operation": "global_average_pool"]
        case .adaptiveAveragePool(let height, let width):
            return ["operation": "adaptive_average_pool", "height": height, "width": width]
        case .flatten: return ["operation": "flatten"]
        }
    }
}
