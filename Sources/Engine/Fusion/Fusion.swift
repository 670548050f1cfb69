extension Network {
    /// The same function with fewer layers: branches merged into one convolution, batch norms folded, residual sums
    /// and ReLUs done by the layer before them.
    package func fused() -> Network {
        var network = mergingBranches().foldingBatchNorms().fusingResiduals().fusingActivations()
        if network.form == .training { network.form = .fused }
        return network
    }

    /// The network as it was trained, to measure what fusing is worth: branches and batch norms stay layers of their
    /// own, and only ReLUs directly after a convolution or linear layer are done by it.
    package func asTrained() -> Network { fusingActivations() }

    /// Replaces layers from first to last by what `replacement` returns, then drops those that nothing reads any more.
    /// A replacement makes the same value as the layer that it stands for.
    func rewriting(_ replacement: (Layer, Rewriter) -> Layer?) -> Network {
        var rewriter = Rewriter(layers: layers)
        for index in layers.indices {
            if let layer = replacement(rewriter.layers[index], rewriter) { rewriter.layers[index] = layer }
        }
        var network = self
        network.layers = rewriter.layers
        return network.removingDeadLayers()
    }

    /// Drops the layers that the last one does not depend on.
    package func removingDeadLayers() -> Network {
        guard let last = layers.indices.last else { return self }
        var isRead = layers.map { _ in false }
        isRead[last] = true
        for index in layers.indices.reversed() where isRead[index] {
            for value in layers[index].inputs where value > 0 { isRead[value - 1] = true }
        }
        var network = self
        network.layers = []
        var numbers = [0]
        for (index, var layer) in layers.enumerated() {
            if isRead[index] {
                layer.inputs = layer.inputs.map { numbers[$0] }
                network.layers.append(layer)
            }
            numbers.append(network.layers.count)
        }
        return network
    }
}

/// The layers while a pass replaces them.
struct Rewriter {
    var layers: [Layer]
    /// How often each value is read; the network's output counts as read once more.
    private let reads: [Int]

    init(layers: [Layer]) {
        self.layers = layers
        var reads = [Int](repeating: 0, count: layers.count + 1)
        for value in layers.flatMap(\.inputs) { reads[value] += 1 }
        reads[layers.count] += 1
        self.reads = reads
    }

    /// The layer that makes `value`, provided that it is read only once.
    func soleProducer(of value: Int) -> Layer? {
        value > 0 && reads[value] == 1 ? layers[value - 1] : nil
    }

    /// As `soleProducer`, for a convolution to which a sum or an activation can still be added.
    func openConvolution(of value: Int) -> (layer: Layer, convolution: Convolution)? {
        guard let layer = soleProducer(of: value), case .convolution(let convolution) = layer.operation,
            convolution.activation == .none, layer.inputs.count == 1
        else { return nil }
        return (layer, convolution)
    }
}
