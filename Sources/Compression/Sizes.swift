import Engine

extension Network {
    /// Bits that the network takes as PQF's authors count them: ⌈log₂ k⌉ per code, half-precision codebooks (and row scales), and float32
    /// for everything else, with two numbers per channel of a batch norm.
    package var countedBits: Int { unrolled().layers.reduce(0) { $0 + $1.operation.countedBits } }

    /// The same for a network of its kind with dense float32 weights.
    package var denseBits: Int { 32 * parameterCount }

    /// `countedBits` once its layers are coded as `settings` say; needs no weights.
    package func countedBits(after settings: CompressionSettings) throws(CompressionError) -> Int {
        let network = unrolled()
        let layouts = Dictionary(uniqueKeysWithValues: try network.layouts(settings).map { ($0.layer, $0) })
        return network.layers.enumerated().reduce(0) { sum, layer in
            let operation = layer.element.operation
            guard let layout = layouts[layer.offset] else { return sum + operation.countedBits }
            return sum + layout.bits + 32 * (operation.bias?.count ?? 0)
        }
    }
}

extension Operation {
    /// Of the layer's parameters; see `Network.countedBits`.
    package var countedBits: Int {
        if case .batchNorm(let norm) = self { return 64 * norm.weight.count }
        return (weights?.countedBits ?? 0) + 32 * (bias?.count ?? 0)
    }
}

extension Operation {
    /// Of the same layer with float32 weights.
    var denseBits: Int {
        if case .batchNorm = self { return countedBits }
        return 32 * ((weights?.shape.reduce(1, *) ?? 0) + (bias?.count ?? 0))
    }
}

extension Weights {
    fileprivate var countedBits: Int {
        switch self {
        case .dense(let tensor): return 32 * tensor.count
        case .quantized(let quantized):
            let scales = quantized.rowScales?.count ?? 0
            if quantized.isInteger { return 8 * quantized.codes.count + 32 * scales }
            let k = quantized.codebook.shape[0]
            return quantized.codes.count * Bits.of(codewords: k) + 16 * (quantized.codebook.count + scales)
        }
    }
}
