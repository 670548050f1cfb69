import Engine

/// EDSR without its tail: Lim et al., arXiv 1707.02921, figure 3; layers and names as in yinboc/liif, models/edsr.py.
///
/// Blocks of two 3×3 convolutions with a ReLU between, their output scaled and added to their input; one more
/// convolution, and the head's output added.
struct EDSR: Equatable {
    var blocks = 16
    var features = 64
    var residualScale: Float = 1

    /// Appends the layers that turn 3 channels into features; returns their value.
    func build<Source>(
        _ builder: inout NetworkBuilder<Source>, prefix: String
    ) throws(NetworkError) -> Int {
        let shape = [features, features, 3, 3]
        let head = try builder.convolution(
            prefix + "head.0", shape: [features, 3, 3, 3], hasBias: true, gain: 1, of: 0)
        var value = head
        for block in 0..<blocks {
            let name = "\(prefix)body.\(block)"
            var branch = try builder.convolution(name + ".body.0", shape: shape, hasBias: true, of: value)
            branch = builder.relu(name + ".body.1", of: branch)
            branch = try builder.convolution(
                name + ".body.2", shape: shape, hasBias: true, gain: 1 / Double(blocks), of: branch)
            if residualScale != 1 { branch = builder.network.append(name + ".scale", .scale(residualScale), branch) }
            value = builder.network.append(name, .add, branch, value)
        }
        value = try builder.convolution("\(prefix)body.\(blocks)", shape: shape, hasBias: true, gain: 1, of: value)
        return builder.network.append(prefix + "body", .add, value, head)
    }

    /// Works the sizes out from a checkpoint; the residual scale stands in no tensor.
    init(_ parameters: CheckpointParameters, prefix: String, residualScale: Float?) throws(NetworkError) {
        features = try parameters.matrix(prefix + "head.0").rows
        blocks = 0
        while blocks < 10_000, parameters.hasWeights("\(prefix)body.\(blocks).body.0") { blocks += 1 }
        // The published EDSR of 32 blocks of 256 features scales by 0.1, all smaller ones by 1.
        self.residualScale = residualScale ?? (blocks == 32 && features == 256 ? 0.1 : 1)
    }

    init(blocks: Int, features: Int, residualScale: Float = 1) {
        (self.blocks, self.features, self.residualScale) = (blocks, features, residualScale)
    }
}
