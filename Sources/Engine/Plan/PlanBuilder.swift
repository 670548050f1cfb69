import Kernels
import Tensors

/// Turns a network's layers into steps.
struct PlanBuilder {
    private(set) var steps: [any Step] = []
    private(set) var stepLayers: [Int] = []
    private(set) var reports: [LayerReport] = []
    private(set) var result = Place.input
    private(set) var outputShape: [Int] = []
    private(set) var arenaBytes = 0
    private(set) var scratchBytes = 0

    private var network: Network
    private let options: PlanOptions
    private let shapes: [[Int]]
    /// The place of each value; the network's input is planar where all its readers can read it so, else a copy of it
    /// in blocks stands here.
    private var places: [Place] = []
    private let planarInput: Bool

    init(_ network: consuming Network, inputShape: [Int], options: PlanOptions) throws {
        shapes = try network.shapes(input: inputShape)
        self.options = options
        let readers = network.layers.filter { $0.inputs.contains(0) }
        planarInput = readers.allSatisfy { layer in
            guard case .convolution(let convolution) = layer.operation, layer.inputs == [0] else { return false }
            return AlgorithmChoice.planarInput(convolution, input: inputShape)
        }
        self.network = network
    }

    mutating func build() throws {
        try placeValues()
        if !planarInput {
            let shape = shapes[0]
            append(-1, inputs: [], output: places[0]) { memory, _, output in
                Blocked.fromPlanar(
                    memory.input, to: output, batch: shape[0], channels: shape[1], height: shape[2], width: shape[3])
            }
        }
        for index in network.layers.indices {
            let layer = network.layers[index]
            // The dense weights go as soon as they are packed, so that both forms of a large network never coexist.
            network.layers[index].operation = .relu
            try add(layer, index: index)
        }
        result = places[network.layers.count]
        outputShape = shapes[network.layers.count]
    }

    /// Gives every value a place in the arena for as long as it is needed.
    private mutating func placeValues() throws {
        var last = Array(0...network.layers.count)
        for (index, layer) in network.layers.enumerated() {
            for input in layer.inputs { last[input] = max(last[input], index + 1) }
        }
        last[network.layers.count] = network.layers.count + 1
        let values = shapes.enumerated().map { value, shape in
            Arena.Value(
                size: value == 0 && planarInput ? 0 : Self.paddedCount(shape) * MemoryLayout<Float>.stride,
                lifetime: value...last[value])
        }
        let arena = Arena(values)
        guard arena.byteCount < 1 << 36 else { throw EngineError.tooLarge(bytes: arena.byteCount) }
        arenaBytes = arena.byteCount
        places = arena.offsets.map { .arena($0) }
        if planarInput { places[0] = .input }
    }

    /// Elements of a value as it is kept: channels or features in blocks of 16.
    private static func paddedCount(_ shape: [Int]) -> Int {
        shape.enumerated().reduce(1) { $0 * ($1.offset == 1 ? ($1.element + 15) & ~15 : $1.element) }
    }

    private mutating func add(_ layer: Layer, index: Int) throws {
        let inputs = layer.inputs.map { places[$0] }
        let shape = shapes[layer.inputs[0]]
        let output = places[index + 1]
        let outputShape = shapes[index + 1]
        var algorithm: String?
        var weightBytes = 0
        let kind: String
        switch layer.operation {
        case .convolution(let convolution):
            kind = "convolution"
            let prepared = prepare(convolution, layer: layer, input: shape, residual: inputs.count > 1)
            algorithm = prepared.algorithm.rawValue
            weightBytes = prepared.packedBytes
            scratchBytes = max(scratchBytes, prepared.scratchBytes)
            steps.append(
                ConvolutionStep(
                    convolution: prepared, input: inputs[0], residual: inputs.count > 1 ? inputs[1] : nil,
                    output: output))
            stepLayers.append(index)
        case .linear(let linear):
            kind = "linear"
            let prepared = PreparedLinear(
                batch: shape[0], weights: linear.weights.dense(), bias: linear.bias,
                relu: linear.activation == .relu, isa: options.isa, threads: options.threads)
            weightBytes = prepared.packedBytes
            algorithm = prepared.algorithm
            scratchBytes = max(scratchBytes, prepared.scratchBytes)
            steps.append(LinearStep(linear: prepared, input: inputs[0], output: output))
            stepLayers.append(index)
        default:
            kind = layer.operation.kind
            append(index, inputs: inputs, output: output, body: PlainOperation.body(
                layer.operation, inputs: layer.inputs.map { shapes[$0] }, output: outputShape, isa: options.isa))
        }
        let touched = layer.inputs.map { shapes[$0].reduce(1, *) }.reduce(outputShape.reduce(1, *), +)
        reports.append(
            LayerReport(
                name: layer.name, kind: kind, algorithm: algorithm, outputShape: outputShape,
                multiplyAdds: layer.operation.multiplyAdds(input: shape, output: outputShape),
                weightBytes: weightBytes, activationBytes: touched * MemoryLayout<Float>.stride))
    }

    private func prepare(
        _ convolution: Convolution, layer: Layer, input: [Int], residual: Bool
    ) -> PreparedConvolution {
        let shape = ConvolutionShape(convolution, input: input)
        let planar = layer.inputs[0] == 0 && planarInput
        return PreparedConvolution(
            shape: shape, algorithm: AlgorithmChoice.choose(shape, layer: layer.name, planar: planar, options: options),
            weights: convolution.weights.dense(), bias: convolution.bias, relu: convolution.activation == .relu,
            residual: residual, planarInput: planar, isa: options.isa, threads: options.threads)
    }

    private mutating func append(
        _ layer: Int, inputs: [Place], output: Place,
        body: @escaping @Sendable (Memory, [Place], UnsafeMutablePointer<Float>) -> Void
    ) {
        steps.append(PlainStep(inputs: inputs, output: output, body: body))
        stepLayers.append(layer)
    }
}
