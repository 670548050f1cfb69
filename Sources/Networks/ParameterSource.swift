import Engine
import Tensors

/// Where a family takes its parameters from: a checkpoint, or a generator.
///
/// Names are those of the family's reference implementation; `gain` is the ratio of the second moments of a layer's
/// output and input that a generator aims at (2 before a ReLU keeps activations at one scale).
protocol ParameterSource {
    /// Whether the source is known to have a parameter of this name.
    func contains(_ name: String) -> Bool
    /// Whether the convolution stands with a bias of its own in place of the batch norm.
    func isFolded(convolution: String, norm: String) -> Bool
    /// `name.weight`, or codes and codebook, of exactly this shape.
    mutating func weights(_ name: String, shape: [Int], gain: Double) throws(NetworkError) -> Weights
    /// `name.bias` of this many elements.
    mutating func bias(_ name: String, count: Int) throws(NetworkError) -> Tensor
    mutating func batchNorm(_ name: String, channels: Int, gain: Double) throws(NetworkError) -> BatchNorm
}

/// Appends layers to a network, with their parameters from a source. Each method returns the value that it makes.
struct NetworkBuilder<Source: ParameterSource> {
    var network: Network
    var parameters: Source

    /// - Parameters:
    ///   - shape: [output channels, input channels / groups, kernel height, kernel width]; the padding is "same".
    ///   - parameterName: the name of its parameters where it is not the layer's.
    mutating func convolution(
        _ name: String, parameterName: String? = nil, shape: [Int], stride: Int = 1, groups: Int = 1,
        hasBias: Bool = false, gain: Double = 2, of input: Int
    ) throws(NetworkError) -> Int {
        let parameterName = parameterName ?? name
        let weights = try parameters.weights(parameterName, shape: shape, gain: gain)
        let bias = hasBias ? try parameters.bias(parameterName, count: shape[0]) : nil
        let convolution = Convolution(
            weights: weights, bias: bias, stride: stride, padding: shape[2] / 2, groups: groups)
        return network.append(name, .convolution(convolution), input)
    }

    mutating func batchNorm(
        _ name: String, channels: Int, gain: Double = 2, of input: Int
    ) throws(NetworkError) -> Int {
        let norm = try parameters.batchNorm(name, channels: channels, gain: gain)
        return network.append(name, .batchNorm(norm), input)
    }

    /// A convolution and its batch norm, or the convolution alone where the source has them folded into one.
    mutating func normalizedConvolution(
        _ name: String, norm: String, parameterName: String? = nil, shape: [Int], stride: Int = 1, groups: Int = 1,
        hasBias: Bool = false, gain: Double = 2, of input: Int
    ) throws(NetworkError) -> Int {
        let isFolded = parameters.isFolded(convolution: parameterName ?? name, norm: norm)
        let value = try convolution(
            name, parameterName: parameterName, shape: shape, stride: stride, groups: groups,
            hasBias: hasBias || isFolded, gain: isFolded ? gain : 1, of: input)
        return isFolded ? value : try batchNorm(norm, channels: shape[0], gain: gain, of: value)
    }

    mutating func linear(
        _ name: String, outputs: Int, inputs: Int, gain: Double, of input: Int
    ) throws(NetworkError) -> Int {
        let weights = try parameters.weights(name, shape: [outputs, inputs], gain: gain)
        let bias = try parameters.bias(name, count: outputs)
        return network.append(name, .linear(Linear(weights: weights, bias: bias)), input)
    }

    mutating func relu(_ name: String, of input: Int) -> Int { network.append(name, .relu, input) }
}
