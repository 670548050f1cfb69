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
    private let costs: [LayerCost]
    /// The place of each value; the network's input is planar where all its readers can read it so, else a copy of it
    /// in blocks stands here.
    private var places: [Place] = []
    private let planarInput: Bool
    /// Of each convolution, by the layer's name.
    private let algorithms: [String: ConvolutionAlgorithm]
    /// The convolutions that do the max pooling after them, by index.
    private let pooling: Set<Int>

    init(_ network: consuming Network, inputShape: [Int], options: PlanOptions) throws {
        shapes = try network.shapes(input: inputShape)
        costs = try network.costs(input: inputShape)
        self.options = options
        planarInput = AlgorithmChoice.readsPlanarInput(network, inputShape: inputShape)
        let questions = try AlgorithmChoice.questions(network, inputShape: inputShape)
        algorithms = Dictionary(
            zip(questions.map(\.layer), AlgorithmChoice.choose(questions, options: options)),
            uniquingKeysWith: { first, _ in first })
        pooling = network.poolingConvolutions(questions, algorithms)
        self.network = network
    }

    /// Bytes that the activations of a plan would take.
    static func activationBytes(_ network: Network, inputShape: [Int], options: PlanOptions) throws -> Int {
        var builder = try PlanBuilder(network, inputShape: inputShape, options: options)
        try builder.placeValues()
        return builder.arenaBytes
    }

    mutating func build() throws {
        try placeValues()
        if !planarInput {
            let shape = shapes[0]
            let copy = MoveStep(inputs: [], output: places[0]) { memory, _, output in
                Blocked.fromPlanar(
                    memory.input, to: output, batch: shape[0], channels: shape[1], pixels: shape[2] * shape[3])
            }
            append(copy, layer: -1)
        }
        for index in network.layers.indices {
            let layer = network.layers[index]
            // The dense weights go as soon as they are packed, so that both forms of a large network never coexist.
            network.layers[index].operation = .relu
            if !pooling.contains(index - 1) { add(layer, index: index) }
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
            // A pooled map is written at once, while the convolution's input is still read.
            if pooling.contains(value - 2) {
                return Arena.Value(
                    size: Self.paddedCount(shape) * MemoryLayout<Float>.stride, lifetime: value - 1...last[value])
            }
            return Arena.Value(
                size: value == 0 && planarInput || pooling.contains(value - 1)
                    ? 0 : Self.paddedCount(shape) * MemoryLayout<Float>.stride,
                lifetime: value...last[value])
        }
        let arena = Arena(values)
        guard arena.byteCount < 1 << 36 else {
            throw EngineError.tooLarge(network: network.name, bytes: arena.byteCount)
        }
        arenaBytes = arena.byteCount
        places = arena.offsets.map { .arena($0) }
        if planarInput { places[0] = .input }
    }

    /// Elements of a value as it is kept: channels or features in blocks of 16.
    private static func paddedCount(_ shape: [Int]) -> Int {
        shape.enumerated().reduce(1) { $0 * ($1.offset == 1 ? ($1.element + 15) & ~15 : $1.element) }
    }

    private mutating func add(_ layer: Layer, index: Int) {
        let inputs = layer.inputs.map { places[$0] }
        let value = pooling.contains(index) ? index + 2 : index + 1
        let output = places[value]
        let report: (algorithm: String?, weightBytes: Int, work: [LayerWork])
        switch layer.operation {
        case .convolution(let convolution): report = add(convolution, layer, index, inputs, output)
        case .linear(let linear) where looksUp(linear, batch: shapes[layer.inputs[0]][0]):
            report = addLookup(linear, batch: shapes[layer.inputs[0]][0], inputs[0], output)
        case .linear(let linear):
            let prepared = PreparedLinear(
                batch: shapes[layer.inputs[0]][0], weights: linear.weights.dense(), bias: linear.bias,
                relu: linear.activation == .relu, isa: options.isa, threads: options.threads)
            append(LinearStep(linear: prepared, input: inputs[0], output: output))
            let work = LayerWork(multiplyAdds: costs[index].multiplyAdds, bytes: prepared.packedBytes)
            report = ("rows", prepared.packedBytes, [work])
        default:
            let step = PlainSteps.step(
                layer.operation, inputs: inputs, inputShapes: layer.inputs.map { shapes[$0] }, output: output,
                outputShape: shapes[index + 1], options: options)
            append(step)
            report = (nil, 0, [])
        }
        let cost = costs[index]
        let touched = layer.inputs.map { shapes[$0].reduce(1, *) }.reduce(shapes[value].reduce(1, *), +)
        var summary = LayerReport(
            name: layer.name, kind: pooling.contains(index) ? cost.kind + " + max pool" : cost.kind,
            algorithm: report.algorithm, outputShape: shapes[value],
            multiplyAdds: cost.multiplyAdds, weightBytes: report.weightBytes,
            activationBytes: touched * MemoryLayout<Float>.stride)
        summary.work = report.work
        reports.append(summary)
    }

    private mutating func add(
        _ convolution: Convolution, _ layer: Layer, _ index: Int, _ inputs: [Place], _ output: Place
    ) -> (String?, Int, [LayerWork]) {
        let shape = ConvolutionShape(convolution, input: shapes[layer.inputs[0]])
        let planar = layer.inputs[0] == 0 && planarInput
        let algorithm = algorithms[layer.name] ?? .reference
        let keepsCodes = options.decode == .run && algorithm.runsCoded(shape, planarInput: planar)
        let weights: ConvolutionWeights =
            switch convolution.weights {
            case .dense(let tensor): .dense(tensor)
            case .quantized(let codes): .coded(codes, kept: keepsCodes)
            }
        let prepared = PreparedConvolution(
            shape: shape, algorithm: algorithm, weights: weights, bias: convolution.bias,
            relu: convolution.activation == .relu, pools: pooling.contains(index), planarInput: planar,
            isa: options.isa, threads: options.threads)
        if case .dense(let weights) = convolution.weights { weights.releasePages() }
        scratchBytes = max(scratchBytes, prepared.scratchBytes)
        append(
            ConvolutionStep(
                convolution: prepared, input: inputs[0], residual: inputs.count > 1 ? inputs[1] : nil, output: output))
        let name = algorithm.rawValue + (weights.areKeptCoded ? ", decoded as it runs" : "")
        return (name, prepared.packedBytes, shape.work(planarInput: planar))
    }

    /// Whether a layer runs on its codes: with few images, where that is faster than dense weights, or if asked for.
    private func looksUp(_ linear: Linear, batch: Int) -> Bool {
        guard case .quantized(let quantized) = linear.weights else { return false }
        switch options.decode {
        case .load: return false
        case .run: return true
        case nil:
            let (k, d) = (quantized.codebook.shape[0], quantized.codebook.shape[1])
            return batch < 4 && d >= 4 && k <= 2 * quantized.shape[0]
        }
    }

    private mutating func addLookup(
        _ linear: Linear, batch: Int, _ input: Place, _ output: Place
    ) -> (String?, Int, [LayerWork]) {
        guard case .quantized(let quantized) = linear.weights else { preconditionFailure("has no codes") }
        let prepared = PreparedLookup(
            batch: batch, weights: quantized, bias: linear.bias,
            relu: linear.activation == .relu, isa: options.isa, threads: options.threads)
        scratchBytes = max(scratchBytes, prepared.scratchBytes)
        append(LookupStep(linear: prepared, input: input, output: output))
        return ("look-up", prepared.packedBytes, [])
    }

    /// A step of the layer whose report comes next, where not said otherwise.
    private mutating func append(_ step: some Step, layer: Int? = nil) {
        steps.append(step)
        stepLayers.append(layer ?? reports.count)
    }
}
