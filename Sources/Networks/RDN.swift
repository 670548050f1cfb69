import Engine

/// The residual dense network without its tail: Zhang et al., arXiv 1802.08797, figure 2; layers and names as in
/// yinboc/liif, models/rdn.py.
struct RDN: Equatable {
    /// Residual dense blocks, convolutions in each, features between blocks, and features that each convolution adds.
    var blocks: Int
    var depth: Int
    var features: Int
    var growth: Int

    /// The published configurations.
    static let a = RDN(blocks: 20, depth: 6, features: 64, growth: 32)
    static let b = RDN(blocks: 16, depth: 8, features: 64, growth: 64)

    /// Appends the layers that turn 3 channels into features; returns their value.
    func build<Source>(
        _ builder: inout NetworkBuilder<Source>, prefix: String
    ) throws(NetworkError) -> Int {
        let shape = [features, features, 3, 3]
        let shallow = try builder.convolution(
            prefix + "SFENet1", shape: [features, 3, 3, 3], hasBias: true, gain: 1, of: 0)
        var value = try builder.convolution(prefix + "SFENet2", shape: shape, hasBias: true, gain: 1, of: shallow)
        var outputs: [Int] = []
        for block in 0..<blocks {
            value = try residualDenseBlock("\(prefix)RDBs.\(block)", of: value, &builder)
            outputs.append(value)
        }
        value = builder.concatenate(prefix + "RDBs", outputs)
        value = try builder.convolution(
            prefix + "GFF.0", shape: [features, blocks * features, 1, 1], hasBias: true, gain: 1, of: value)
        value = try builder.convolution(prefix + "GFF.1", shape: shape, hasBias: true, gain: 1, of: value)
        return builder.network.append(prefix + "GFF", .add, value, shallow)
    }

    private func residualDenseBlock<Source>(
        _ name: String, of input: Int, _ builder: inout NetworkBuilder<Source>
    ) throws(NetworkError) -> Int {
        var joined = input
        for step in 0..<depth {
            let layer = "\(name).convs.\(step).conv.0"
            let added = try builder.convolution(
                layer, shape: [growth, features + step * growth, 3, 3], hasBias: true, of: joined)
            let active = builder.relu("\(name).convs.\(step).conv.1", of: added)
            joined = builder.concatenate("\(name).convs.\(step)", [joined, active])
        }
        let fused = try builder.convolution(
            name + ".LFF", shape: [features, features + depth * growth, 1, 1], hasBias: true,
            gain: 1 / Double(blocks), of: joined)
        return builder.network.append(name, .add, fused, input)
    }
}

extension RDN {
    init(_ parameters: CheckpointParameters, prefix: String) throws(NetworkError) {
        var (blocks, depth) = (0, 0)
        while blocks < 10_000, parameters.hasWeights("\(prefix)RDBs.\(blocks).LFF") { blocks += 1 }
        while depth < 10_000, parameters.hasWeights("\(prefix)RDBs.0.convs.\(depth).conv.0") { depth += 1 }
        let features = try parameters.matrix(prefix + "SFENet1").rows
        let growth = try parameters.matrix(prefix + "RDBs.0.convs.0.conv.0").rows
        self.init(blocks: blocks, depth: depth, features: features, growth: growth)
    }
}

extension NetworkBuilder {
    mutating func concatenate(_ name: String, _ inputs: [Int]) -> Int {
        network.layers.append(Layer(name: name, operation: .concatenate, inputs: inputs))
        return network.layers.count
    }
}
