import Engine
import Tensors

extension Network {
    /// The parameters of the fused network under its official names (`stage1.0.rbr_reparam.weight`, `linear.bias`, …)
    /// in the order of its layers, and the metadata to write beside them.
    package func fusedCheckpoint() -> (tensors: [(name: String, tensor: Tensor)], metadata: [String: String]) {
        var tensors: [(name: String, tensor: Tensor)] = []
        var strides: [Int] = []
        for layer in fused().layers {
            switch layer.operation {
            case .convolution(let convolution):
                tensors.append((layer.name + ".weight", convolution.weights.dense()))
                if let bias = convolution.bias { tensors.append((layer.name + ".bias", bias)) }
                let parts = layer.name.split(separator: ".")
                if parts.last == "rbr_reparam", parts.count == 2 || parts[1] == "0" {
                    strides.append(convolution.stride)
                }
            case .linear(let linear):
                tensors.append((layer.name + ".weight", linear.weights.dense()))
                if let bias = linear.bias { tensors.append((layer.name + ".bias", bias)) }
            default: break
            }
        }
        var metadata: [String: String] = [:]
        let text = { (numbers: [Int]) in numbers.map(String.init).joined(separator: ",") }
        if strides.contains(where: { $0 != 2 }) { metadata[Metadata.strides] = text(strides) }
        if family == "repvgg", inputSize != [224, 224] { metadata[Metadata.inputSize] = text(inputSize) }
        return (tensors, metadata)
    }
}
