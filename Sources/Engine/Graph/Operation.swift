import Tensors

/// What a layer does. Activations are N×C×H×W; after `flatten` they are N×F.
package enum Operation: Sendable {
    /// Cross-correlation, then bias, then the second input added where there is one, then the activation.
    case convolution(Convolution)
    /// `x · Wᵀ + bias`, then the activation.
    case linear(Linear)
    case batchNorm(BatchNorm)
    case relu
    case sigmoid
    /// The sum of all inputs.
    case add
    /// `x · s`, with `s` N×C×1×1 (squeeze-excite) or of x's shape.
    case multiply
    /// `x · factor` (EDSR's residual scale).
    case scale(Float)
    /// Channels of all inputs, one after the other.
    case concatenate
    /// Window maxima; the padding counts as minus infinity; the output size is rounded down.
    case maxPool(size: Int, stride: Int, padding: Int)
    /// Mean over height and width: N×C×1×1.
    case globalAveragePool
    /// Means over ⌊i·n/out⌋ ..< ⌈(i+1)·n/out⌉, as PyTorch's AdaptiveAvgPool2d.
    case adaptiveAveragePool(height: Int, width: Int)
    /// N×C×H×W to N×(C·H·W), channel-major.
    case flatten
}

package enum Activation: String, Sendable, Codable {
    case none, relu
}

package struct Convolution: Sendable {
    /// [output channels, input channels / groups, kernel height, kernel width].
    package var weights: Weights
    /// [output channels].
    package var bias: Tensor?
    package var stride: Int
    package var padding: Int
    package var groups: Int
    package var activation: Activation

    package init(
        weights: Weights, bias: Tensor? = nil, stride: Int = 1, padding: Int, groups: Int = 1,
        activation: Activation = .none
    ) {
        self.weights = weights
        self.bias = bias
        self.stride = stride
        self.padding = padding
        self.groups = groups
        self.activation = activation
    }
}

package struct Linear: Sendable {
    /// [outputs, inputs].
    package var weights: Weights
    /// [outputs].
    package var bias: Tensor?
    package var activation: Activation

    package init(weights: Weights, bias: Tensor? = nil, activation: Activation = .none) {
        self.weights = weights
        self.bias = bias
        self.activation = activation
    }
}

/// `(x − mean) / √(variance + epsilon) · weight + bias`, per channel, with the running statistics (never the batch's).
package struct BatchNorm: Sendable {
    package var weight: Tensor
    package var bias: Tensor
    package var mean: Tensor
    package var variance: Tensor
    package var epsilon: Float

    package init(weight: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, epsilon: Float = 1e-5) {
        self.weight = weight
        self.bias = bias
        self.mean = mean
        self.variance = variance
        self.epsilon = epsilon
    }
}
