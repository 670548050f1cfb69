import Tensors

extension Network {
    /// Merges sums of parallel linear branches over one value into a single convolution, which takes the sum's name
    /// (RepVGG, arXiv 2101.03697, section 3.3). A branch is a convolution, a batch norm, both, or the value itself.
    ///
    /// Kernels are padded with zeros to the largest one; each must be square and odd with "same" padding, so that all
    /// are centred on the same pixel.
    package func mergingBranches() -> Network {
        rewriting { layer, rewriter in
            guard case .add = layer.operation, layer.inputs.count > 1 else { return nil }
            let branches = layer.inputs.map { Branch(value: $0, rewriter) }
            guard let merged = merge(branches) else { return nil }
            return Layer(name: layer.name, operation: .convolution(merged), inputs: [branches[0].source])
        }
    }
}

/// One addend: an optional convolution of `source`, then an optional affine map.
private struct Branch {
    var source: Int
    var convolution: Convolution?
    var affine: Affine?

    init(value: Int, _ rewriter: Rewriter) {
        source = value
        if let producer = rewriter.soleProducer(of: value), case .batchNorm(let norm) = producer.operation {
            affine = Affine(norm)
            source = producer.inputs[0]
        }
        if let (layer, convolution) = rewriter.openConvolution(of: source) {
            self.convolution = convolution
            source = layer.inputs[0]
        }
    }

    /// Whether its kernel lies centred in that of `other`, which reads the same pixels.
    func isParallel(to other: Convolution) -> Bool {
        let shape = other.weights.shape
        guard let convolution else { return other.stride == 1 && shape[0] == shape[1] * other.groups }
        let own = convolution.weights.shape
        guard case .dense = convolution.weights else { return false }
        return own[..<2] == shape[..<2] && own[2] == own[3] && own[2] % 2 == 1
            && convolution.padding == own[2] / 2 && convolution.stride == other.stride
            && convolution.groups == other.groups
    }
}

/// The one convolution that does what all branches do together; nil where there is none.
private func merge(_ branches: [Branch]) -> Convolution? {
    let convolutions = branches.compactMap(\.convolution)
    guard let largest = convolutions.max(by: { $0.weights.shape[2] < $1.weights.shape[2] }),
        branches.allSatisfy({ $0.source == branches[0].source && $0.isParallel(to: largest) })
    else { return nil }
    let shape = largest.weights.shape
    let (outputs, groupInputs, size) = (shape[0], shape[1], shape[2])
    var bias = [Float](repeating: 0, count: outputs)
    let weights = Tensor(shape: shape) { target in
        var row = [Double](repeating: 0, count: groupInputs * size * size)
        for output in 0..<outputs {
            row.withUnsafeMutableBufferPointer { row in
                row.update(repeating: 0)
                bias[output] = Float(branches.reduce(0) { $0 + $1.add(output, of: largest, to: row) })
                for (i, value) in row.enumerated() { target[output * row.count + i] = Float(value) }
            }
        }
    }
    var merged = largest
    merged.weights = .dense(weights)
    merged.bias = Tensor(shape: [outputs], bias)
    return merged
}

extension Branch {
    /// Adds the kernel of one output to `row`, laid out as in `merged`, and returns its bias.
    fileprivate func add(_ output: Int, of merged: Convolution, to row: UnsafeMutableBufferPointer<Double>) -> Double {
        let shape = merged.weights.shape
        let (outputs, groupInputs, size) = (shape[0], shape[1], shape[2])
        let scale = affine?.scale[output] ?? 1
        let shift = affine?.shift[output] ?? 0
        guard let convolution, case .dense(let weights) = convolution.weights else {
            // The identity: 1 at the centre of the output's own channel, counted within its group.
            let channel = output % (outputs / merged.groups)
            row[(channel * size + size / 2) * size + size / 2] += scale
            return shift
        }
        let own = weights.shape[2]
        let margin = (size - own) / 2
        let values = weights.floats
        var i = output * groupInputs * own * own
        for channel in 0..<groupInputs {
            for y in 0..<own {
                for x in 0..<own {
                    row[(channel * size + margin + y) * size + margin + x] += Double(values[i]) * scale
                    i += 1
                }
            }
        }
        return shift + Double(convolution.bias?.floats[output] ?? 0) * scale
    }
}
