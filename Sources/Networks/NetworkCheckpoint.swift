import Engine
import Interchange
import Kernels
import Tensors

/// How a network is written.
package struct CheckpointOptions: Sendable {
    /// Weights that half precision holds as such.
    package var halves = false
    /// Codes of a layer in as many bits as they need, where that is smaller than bytes or words.
    package var packsCodes = true

    package init(halves: Bool = false, packsCodes: Bool = true) {
        (self.halves, self.packsCodes) = (halves, packsCodes)
    }
}

extension Network {
    /// The fused network as a checkpoint with the official names (`stage1.0.rbr_reparam.weight`, `linear.bias`, …) in
    /// the order of its layers; loading it again gives the same network.
    package func fusedCheckpoint() -> Checkpoint { fused().checkpoint() }

    /// The network as a checkpoint in its family's reference names; loading it again gives the same network, coded
    /// weights included. A RepVGG must be fused.
    ///
    /// Codes are `NAME.codes_matrix` [outputs, subvectors per row], or, packed, `NAME.codes_packed` (see `CodePacking`)
    /// with `NAME.codes_shape`; beside them stand `NAME.codebook` [k, d] and, if any, `NAME.row_scales` [outputs].
    /// 8-bit weights are an int8 `NAME.weight` with `NAME.weight_scale` [outputs].
    package func checkpoint(_ options: CheckpointOptions = .init()) -> Checkpoint {
        var checkpoint = Checkpoint(file: name)
        let names = Set(layers.map(\.name))
        for layer in layers {
            switch layer.operation {
            case .convolution(let convolution):
                let name = names.contains(layer.name + ".bn") ? layer.name + ".conv" : layer.name
                checkpoint.add(convolution.weights, name, options)
                checkpoint.tensors[name + ".bias"] = convolution.bias.map { StoredTensor($0) }
            case .linear(let linear):
                checkpoint.add(linear.weights, layer.name, options)
                checkpoint.tensors[layer.name + ".bias"] = linear.bias.map { StoredTensor($0) }
            case .batchNorm(let norm):
                checkpoint.tensors[layer.name + ".weight"] = StoredTensor(norm.weight)
                checkpoint.tensors[layer.name + ".bias"] = StoredTensor(norm.bias)
                if isQuantized && norm.hasUnitStatistics { continue }
                checkpoint.tensors[layer.name + ".running_mean"] = StoredTensor(norm.mean)
                checkpoint.tensors[layer.name + ".running_var"] = StoredTensor(norm.variance)
            default: break
            }
        }
        if let decoder { checkpoint.add(decoder, encoder: layers, options) }
        let text = { (numbers: [Int]) in numbers.map(String.init).joined(separator: ",") }
        let strides = stageStrides
        if strides.contains(where: { $0 != 2 }) { checkpoint.metadata[Metadata.strides] = text(strides) }
        if family != "repvgg" || inputSize != [224, 224] { checkpoint.metadata[Metadata.inputSize] = text(inputSize) }
        return checkpoint
    }

    /// Whether some layer's weights are codes.
    package var isQuantized: Bool {
        let isDecoderQuantized = decoder?.layers.contains { $0.linear.weights.isQuantized } ?? false
        return isDecoderQuantized
            || layers.contains { layer in
                switch layer.operation {
                case .convolution(let convolution): convolution.weights.isQuantized
                case .linear(let linear): linear.weights.isQuantized
                default: false
                }
            }
    }

    /// Of a fused RepVGG's stem and of each stage's first block.
    private var stageStrides: [Int] {
        layers.compactMap { layer in
            let parts = layer.name.split(separator: ".")
            guard case .convolution(let convolution) = layer.operation, parts.last == "rbr_reparam",
                parts.count == 2 || parts[1] == "0"
            else { return nil }
            return convolution.stride
        }
    }
}

extension Weights {
    fileprivate var isQuantized: Bool {
        if case .quantized = self { true } else { false }
    }
}

extension BatchNorm {
    /// Whether its statistics are folded into weight and bias.
    fileprivate var hasUnitStatistics: Bool {
        mean.floats.allSatisfy { $0 == 0 } && variance.floats.allSatisfy { $0 == 1 }
    }
}

extension Checkpoint {
    /// The decoder of LIIF, and of its switches those that no shape tells.
    fileprivate mutating func add(_ decoder: ImplicitDecoder, encoder: [Layer], _ options: CheckpointOptions) {
        for layer in decoder.layers {
            add(layer.linear.weights, layer.name, options)
            tensors[layer.name + ".bias"] = layer.linear.bias.map { StoredTensor($0) }
        }
        if !decoder.ensembles { metadata[Metadata.localEnsemble] = "false" }
        let scales = encoder.compactMap { if case .scale(let factor) = $0.operation { factor } else { nil } }
        metadata[Metadata.residualScale] = "\(scales.first ?? 1)"
    }

    fileprivate mutating func add(_ weights: Weights, _ name: String, _ options: CheckpointOptions) {
        guard case .quantized(let quantized) = weights else {
            let dense = weights.dense()
            tensors[name + ".weight"] = options.halves ? StoredTensor(exactly: dense) : StoredTensor(dense)
            return
        }
        if quantized.isInteger, case .bytes(let codes) = quantized.codes, let scales = quantized.rowScales {
            let integers = codes.map { Int8(bitPattern: $0 ^ 0x80) }
            tensors[name + ".weight"] = StoredTensor(integers, shape: quantized.shape)
            tensors[name + ".weight_scale"] = StoredTensor(scales)
            return
        }
        add(quantized.codes, rows: quantized.shape[0], codewords: quantized.codebook.shape[0], name, options)
        tensors[name + ".codebook"] = StoredTensor(exactly: quantized.codebook)
        tensors[name + ".row_scales"] = quantized.rowScales.map { StoredTensor(exactly: $0) }
    }

    private mutating func add(
        _ codes: ProductQuantized.Codes, rows: Int, codewords: Int, _ name: String, _ options: CheckpointOptions
    ) {
        let shape = [rows, codes.count / rows]
        let plain =
            switch codes {
            case .bytes(let values): StoredTensor(values, shape: shape)
            // int16 is what PQF's authors write where it suffices.
            case .words(let values) where codewords <= 1 << 15: StoredTensor(values.map(Int16.init), shape: shape)
            case .words(let values): StoredTensor(values.map(Int32.init), shape: shape)
            }
        let packed = CodePacking.pack(codes, bits: CodePacking.bits(codewords: codewords))
        // A second tensor takes some room in the header.
        guard options.packsCodes, packed.count + 192 < plain.byteCount else {
            tensors[name + ".codes_matrix"] = plain
            return
        }
        tensors[name + ".codes_packed"] = StoredTensor(packed, shape: [packed.count])
        tensors[name + ".codes_shape"] = StoredTensor(shape.map(Int32.init), shape: [2])
    }
}

extension StoredTensor {
    /// As half precision where that holds every value, else as float32.
    fileprivate init(exactly tensor: Tensor) {
        let fits = tensor.floats.allSatisfy { HalfPrecision.float(half: HalfPrecision.half($0)) == $0 }
        self.init(tensor, as: fits ? .float16 : .float32)
    }
}
