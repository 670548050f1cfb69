import Kernels

extension ConvolutionShape {
    /// The shape of a layer that reads N×C×H×W.
    init(_ convolution: Convolution, input: [Int]) {
        let weights = convolution.weights.shape
        self.init(
            batch: input[0], inputChannels: input[1], height: input[2], width: input[3], outputChannels: weights[0],
            kernelHeight: weights[2], kernelWidth: weights[3], stride: convolution.stride,
            padding: convolution.padding, groups: convolution.groups)
    }
}

/// Which algorithm each convolution of a network takes.
enum AlgorithmChoice {
    /// One convolution to choose for.
    struct Question {
        let layer: String
        let shape: ConvolutionShape
        /// Reads the network's planar input.
        let planar: Bool
        /// Bytes of the weights as codes, where they are that; nil: they are dense.
        let codeBytes: Int?
    }

    /// Every convolution of a network, in the order of its layers.
    static func questions(_ network: Network, inputShape: [Int]) throws -> [Question] {
        let shapes = try network.shapes(input: inputShape)
        let planar = readsPlanarInput(network, inputShape: inputShape)
        return network.layers.compactMap { layer in
            guard case .convolution(let convolution) = layer.operation else { return nil }
            return Question(
                layer: layer.name, shape: ConvolutionShape(convolution, input: shapes[layer.inputs[0]]),
                planar: layer.inputs[0] == 0 && planar, codeBytes: convolution.weights.codeBytes)
        }
    }

    /// Whether all that read the network's input can take it planar, as it comes.
    static func readsPlanarInput(_ network: Network, inputShape: [Int]) -> Bool {
        network.layers.filter { $0.inputs.contains(0) }.allSatisfy { layer in
            guard case .convolution(let convolution) = layer.operation, layer.inputs == [0] else { return false }
            let shape = ConvolutionShape(convolution, input: inputShape)
            return ConvolutionAlgorithm.direct.supports(shape, planarInput: true)
        }
    }

    /// The fastest algorithm of each by the cost model, then smaller ones where that saves the most memory for the time
    /// that it costs, until all weights together fit the limit.
    static func choose(_ questions: [Question], options: PlanOptions) -> [ConvolutionAlgorithm] {
        let candidates = questions.map { self.candidates($0, options: options) }
        var chosen = candidates.map { $0[0] }
        let limit = options.lowMemory ? 0 : max(freeWeightBytes, Int(2.35 * Double(denseBytes(questions))))
        var total = chosen.reduce(0) { $0 + $1.bytes }
        while total > limit {
            var best: (index: Int, candidate: Candidate, price: Double)?
            for (index, current) in chosen.enumerated() {
                for other in candidates[index] where other.bytes < current.bytes {
                    let price = (other.seconds - current.seconds) / Double(current.bytes - other.bytes)
                    if price < best?.price ?? .infinity { best = (index, other, price) }
                }
            }
            guard let best else { break }
            total += best.candidate.bytes - chosen[best.index].bytes
            chosen[best.index] = best.candidate
        }
        return chosen.map(\.algorithm)
    }

    /// Enlarged weights up to this size are never too many.
    private static let freeWeightBytes = 320 << 20

    private struct Candidate {
        let algorithm: ConvolutionAlgorithm
        let seconds: Double
        let bytes: Int
    }

    /// What a convolution may take, the fastest first; one alone where the options say which.
    private static func candidates(_ question: Question, options: PlanOptions) -> [Candidate] {
        var usable = ConvolutionAlgorithm.allCases.filter { $0.supports(question.shape, planarInput: question.planar) }
        // Weights that stay codes can be run in few ways; where in none, they are decoded after all.
        var keptBytes: Int?
        let coded = usable.filter { $0.runsCoded(question.shape, planarInput: question.planar) }
        if let bytes = question.codeBytes, options.decode == .run, !coded.isEmpty {
            (usable, keptBytes) = (coded, bytes)
        }
        let wish = [options.choices[question.layer], options.algorithm].compactMap(\.self).first(where: usable.contains)
        return (wish.map { [$0] } ?? usable).map {
            Candidate(
                algorithm: $0,
                seconds: $0.estimatedSeconds(question.shape, isa: options.isa, coded: keptBytes != nil),
                bytes: keptBytes ?? $0.weightBytes(question.shape))
        }.sorted { $0.seconds < $1.seconds }
    }

    private static func denseBytes(_ questions: [Question]) -> Int {
        questions.reduce(0) { $0 + ConvolutionAlgorithm.direct.weightBytes($1.shape) }
    }
}
