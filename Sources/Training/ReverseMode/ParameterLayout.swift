import Engine
import Interchange
import Kernels
import Tensors

/// Where the numbers of a network that are trained stand in one flat vector.
///
/// Of quantized weights these are the codebook (of 8-bit integers not) and the row scales; the codes are fixed, and so
/// are the statistics of batch norms.
package struct ParameterLayout: Sendable {
    package enum Role: String, Sendable {
        case weights, codebook, rowScales, bias
    }

    package struct Slot: Sendable {
        package let layer: Int
        package let role: Role
        package let range: Range<Int>
    }

    package private(set) var slots: [Slot] = []
    package private(set) var count = 0
    /// The network's own numbers.
    package private(set) var values: [Float] = []
    private var places: [[Role: Range<Int>]]

    package init(_ network: Network) {
        places = network.layers.map { _ in [:] }
        for (index, layer) in network.layers.enumerated() {
            switch layer.operation {
            case .convolution(let convolution): add(index, convolution.weights, convolution.bias)
            case .linear(let linear): add(index, linear.weights, linear.bias)
            case .batchNorm(let norm):
                add(index, .weights, norm.weight)
                add(index, .bias, norm.bias)
            default: break
            }
        }
    }

    package func range(_ layer: Int, _ role: Role) -> Range<Int>? { places[layer][role] }

    /// `network`, for which the layout was made, with `values`; codebooks are rounded to half precision, as they are
    /// stored.
    package func network(_ network: Network, _ values: [Float]) -> Network {
        var network = network
        for index in network.layers.indices {
            func tensor(_ role: Role, like old: Tensor) -> Tensor {
                range(index, role).map { Tensor(shape: old.shape, Array(values[$0])) } ?? old
            }
            switch network.layers[index].operation {
            case .convolution(var convolution):
                convolution.weights = weights(convolution.weights, tensor)
                convolution.bias = convolution.bias.map { tensor(.bias, like: $0) }
                network.layers[index].operation = .convolution(convolution)
            case .linear(var linear):
                linear.weights = weights(linear.weights, tensor)
                linear.bias = linear.bias.map { tensor(.bias, like: $0) }
                network.layers[index].operation = .linear(linear)
            case .batchNorm(var norm):
                norm.weight = tensor(.weights, like: norm.weight)
                norm.bias = tensor(.bias, like: norm.bias)
                network.layers[index].operation = .batchNorm(norm)
            default: break
            }
        }
        return network
    }

    private func weights(_ old: Weights, _ tensor: (Role, Tensor) -> Tensor) -> Weights {
        switch old {
        case .dense(let weights): return .dense(tensor(.weights, weights))
        case .quantized(let quantized):
            let codebook = quantized.isInteger ? quantized.codebook : tensor(.codebook, quantized.codebook).halves
            return .quantized(
                ProductQuantized(
                    shape: quantized.shape, codes: quantized.codes, codebook: codebook,
                    rowScales: quantized.rowScales.map { tensor(.rowScales, $0) }))
        }
    }

    private mutating func add(_ layer: Int, _ weights: Weights, _ bias: Tensor?) {
        switch weights {
        case .dense(let tensor): add(layer, .weights, tensor)
        case .quantized(let quantized):
            if !quantized.isInteger { add(layer, .codebook, quantized.codebook) }
            if let rowScales = quantized.rowScales { add(layer, .rowScales, rowScales) }
        }
        if let bias { add(layer, .bias, bias) }
    }

    private mutating func add(_ layer: Int, _ role: Role, _ tensor: Tensor) {
        let range = count..<count + tensor.count
        slots.append(Slot(layer: layer, role: role, range: range))
        places[layer][role] = range
        values += tensor.floats
        count = range.upperBound
    }
}

extension Tensor {
    /// The nearest half-precision values, held within their range.
    fileprivate var halves: Tensor {
        Tensor(
            shape: shape,
            floats.map { HalfPrecision.float(half: HalfPrecision.half(min(max($0, -65504), 65504))) })
    }
}
