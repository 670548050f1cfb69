import Engine
import Kernels
import Tensors

/// Dense weights of every convolution and linear layer, decoded where they are codes, for one set of parameters; shared
/// by the threads that run the network with it.
final class LayerWeights: @unchecked Sendable {
    let parameters: Storage
    private let layout: ParameterLayout
    private let quantized: [Int: ProductQuantized]
    private let decoded: [Int: Storage]

    init(_ network: Network, _ layout: ParameterLayout) {
        self.layout = layout
        parameters = Storage(byteCount: max(layout.count, 1) * 4)
        var quantized: [Int: ProductQuantized] = [:]
        for (index, layer) in network.layers.enumerated() {
            switch layer.operation {
            case .convolution(let convolution): quantized[index] = convolution.weights.codes
            case .linear(let linear): quantized[index] = linear.weights.codes
            default: break
            }
        }
        self.quantized = quantized
        decoded = quantized.mapValues { Storage(byteCount: $0.shape.reduce(1, *) * 4) }
    }

    /// The weights of a layer, or its bias; nil where it has none.
    func values(_ layer: Int, _ role: ParameterLayout.Role) -> ConstantFloats? {
        if role == .weights, let decoded = decoded[layer] { return ConstantFloats(decoded.floats) }
        return layout.range(layer, role).map { ConstantFloats(parameters.floats + $0.lowerBound) }
    }

    func isDense(_ layer: Int) -> Bool { decoded[layer] == nil }

    /// Takes new parameters over and decodes with them.
    func update(_ values: [Float], pool: ThreadPool) {
        for (index, value) in values.enumerated() { parameters.floats[index] = value }
        let layers = quantized.keys.sorted()
        pool.each(layers.count) { self.decode(layers[$0]) }
    }

    private func decode(_ layer: Int) {
        guard let quantized = quantized[layer], let target = decoded[layer]?.floats else { return }
        let codebook = codebook(layer, quantized)
        let d = quantized.codebook.shape[1]
        quantized.codes.each { place, code in
            for i in 0..<d { target[place * d + i] = codebook[code * d + i] }
        }
        guard let scales = self.values(layer, .rowScales) else { return }
        let columns = quantized.shape.dropFirst().reduce(1, *)
        for row in 0..<quantized.shape[0] {
            for i in row * columns..<(row + 1) * columns { target[i] *= scales[row] }
        }
    }

    /// Adds the gradient of a layer's decoded weights to that of what they are decoded from.
    func addGradient(_ dense: ConstantFloats, of layer: Int, to gradient: Floats) {
        guard let quantized = quantized[layer] else { return }
        let d = quantized.codebook.shape[1]
        let subvectors = quantized.shape.dropFirst().reduce(1, *) / d
        let codebook = codebook(layer, quantized)
        let scales = values(layer, .rowScales)
        let scaleGradient = layout.range(layer, .rowScales).map { gradient + $0.lowerBound }
        let codewordGradient = layout.range(layer, .codebook).map { gradient + $0.lowerBound }
        quantized.codes.each { place, code in
            let (row, source) = (place / subvectors, dense + place * d)
            let factor = scales?[row] ?? 1
            if let target = codewordGradient {
                for i in 0..<d { target[code * d + i] += factor * source[i] }
            }
            if let target = scaleGradient {
                var sum: Float = 0
                for i in 0..<d { sum += source[i] * codebook[code * d + i] }
                target[row] += sum
            }
        }
    }

    private func codebook(_ layer: Int, _ quantized: ProductQuantized) -> ConstantFloats {
        // `quantized` is kept by this object, and its codebook with it.
        values(layer, .codebook) ?? quantized.codebook.floats.baseAddress ?? ConstantFloats(parameters.floats)
    }
}

extension Storage {
    var floats: Floats { base.assumingMemoryBound(to: Float.self) }
}

extension Weights {
    fileprivate var codes: ProductQuantized? {
        if case .quantized(let quantized) = self { quantized } else { nil }
    }
}

extension ProductQuantized.Codes {
    /// Every subvector's number and code.
    @inline(__always)
    fileprivate func each(_ body: (_ place: Int, _ code: Int) -> Void) {
        switch self {
        case .bytes(let values): for (place, code) in values.enumerated() { body(place, Int(code)) }
        case .words(let values): for (place, code) in values.enumerated() { body(place, Int(code)) }
        }
    }
}
