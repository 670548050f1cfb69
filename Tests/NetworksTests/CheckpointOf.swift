import Engine
import Interchange
import Tensors

/// The checkpoint that a network's layers could have come from, in the names of its layers.
func checkpoint(of network: Network) -> Checkpoint {
    var checkpoint = Checkpoint(file: "memory.safetensors")
    func add(_ name: String, _ tensor: Tensor?) {
        guard let tensor else { return }
        checkpoint.tensors[name] = StoredTensor(tensor)
    }
    for layer in network.layers {
        switch layer.operation {
        case .convolution(let convolution):
            add(layer.name + ".weight", convolution.weights.dense())
            add(layer.name + ".bias", convolution.bias)
        case .linear(let linear):
            add(layer.name + ".weight", linear.weights.dense())
            add(layer.name + ".bias", linear.bias)
        case .batchNorm(let norm):
            add(layer.name + ".weight", norm.weight)
            add(layer.name + ".bias", norm.bias)
            add(layer.name + ".running_mean", norm.mean)
            add(layer.name + ".running_var", norm.variance)
        default: break
        }
    }
    return checkpoint
}

extension Checkpoint {
    /// The same tensors under other names; nil drops one.
    func renamed(_ change: (String) -> String?) -> Checkpoint {
        var result = self
        result.tensors = [:]
        for (name, tensor) in tensors {
            if let name = change(name) { result.tensors[name] = tensor }
        }
        return result
    }

    /// A tensor of zeros in place of, or beside, the others.
    func with(_ name: String, _ shape: [Int], _ type: ScalarType = .float32) -> Checkpoint {
        var result = self
        let bytes = shape.reduce(type.byteCount, *)
        // A shape that no memory could hold must be refused before its values are looked at.
        let isReal = bytes < 1 << 24
        let memory = Storage(byteCount: isReal ? bytes : 64)
        let storage = isReal ? memory : Storage(file: memory.base, byteCount: bytes) { _ = memory }
        result.tensors[name] = StoredTensor(scalarType: type, shape: shape, storage: storage, byteOffset: 0)
        return result
    }
}

/// Name, operation and inputs of each layer, and the shapes of its weights.
func outline(_ network: Network) -> [String] {
    network.layers.map { layer in
        var text = "\(layer.name) \(layer.operation.kind) \(layer.inputs)"
        if case .convolution(let convolution) = layer.operation {
            text +=
                " \(convolution.weights.shape) /\(convolution.stride) +\(convolution.padding) g\(convolution.groups)"
        }
        if case .linear(let linear) = layer.operation { text += " \(linear.weights.shape)" }
        return text
    }
}
