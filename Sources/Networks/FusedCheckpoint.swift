import Checkpoints
import Engine
import Tensors

extension Network {
    /// The fused network as a checkpoint with the official names (`stage1.0.rbr_reparam.weight`, `linear.bias`, …) in
    /// the order of its layers; loading it again gives the same network.
    package func fusedCheckpoint() -> Checkpoint {
        var checkpoint = Checkpoint(file: name)
        var strides: [Int] = []
        for layer in fused().layers {
            switch layer.operation {
            case .convolution(let convolution):
                checkpoint.tensors[layer.name + ".weight"] = StoredTensor(convolution.weights.dense())
                checkpoint.tensors[layer.name + ".bias"] = convolution.bias.map { StoredTensor($0) }
                let parts = layer.name.split(separator: ".")
                if parts.last == "rbr_reparam", parts.count == 2 || parts[1] == "0" {
                    strides.append(convolution.stride)
                }
            case .linear(let linear):
                checkpoint.tensors[layer.name + ".weight"] = StoredTensor(linear.weights.dense())
                checkpoint.tensors[layer.name + ".bias"] = linear.bias.map { StoredTensor($0) }
            default: break
            }
        }
        let text = { (numbers: [Int]) in numbers.map(String.init).joined(separator: ",") }
        if strides.contains(where: { $0 != 2 }) { checkpoint.metadata[Metadata.strides] = text(strides) }
        if family == "repvgg", inputSize != [224, 224] { checkpoint.metadata[Metadata.inputSize] = text(inputSize) }
        return checkpoint
    }
}
