import Kernels
import Tensors

/// Finds the fastest algorithm of each convolution by measuring all that can compute it.
///
/// Weights are cold, as they are in a network; candidates take turns, so that noise meets all alike, and the cost model's
/// choice stays unless another is clearly faster.
package struct Tuner {
    package let options: PlanOptions
    /// Nanoseconds.
    let clock: () -> UInt64

    private static let rounds = 7
    /// An algorithm must be this much faster than the model's choice to replace it.
    private static let margin = 0.97

    package init(options: PlanOptions, clock: @escaping () -> UInt64) {
        self.options = options
        self.clock = clock
    }

    /// A convolution as far as its speed goes.
    package struct Key: Hashable, Sendable, CustomStringConvertible {
        package let shape: ConvolutionShape
        package let planarInput: Bool

        package var description: String {
            let s = shape
            return "\(s.batch)x\(s.inputChannels)x\(s.height)x\(s.width)-\(s.outputChannels)x\(s.kernelHeight)x"
                + "\(s.kernelWidth)-s\(s.stride)p\(s.padding)g\(s.groups)" + (planarInput ? "-planar" : "")
        }
    }

    /// The algorithm of every convolution by layer name, with `known` taken as it is and all else measured; `record` is
    /// told each new measurement, and `progress` how many shapes are done of how many.
    package func choices(
        for network: Network, inputShape: [Int], known: [String: ConvolutionAlgorithm],
        record: (Key, ConvolutionAlgorithm) -> Void, progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> [String: ConvolutionAlgorithm] {
        let questions = try AlgorithmChoice.questions(network, inputShape: inputShape)
        var found: [Key: ConvolutionAlgorithm] = [:]
        let keys = Set(questions.map { Key(shape: $0.shape, planarInput: $0.planar) })
        for question in questions {
            let key = Key(shape: question.shape, planarInput: question.planar)
            guard found[key] == nil else { continue }
            progress(found.count, keys.count)
            let usable = candidates(key)
            if let algorithm = known[key.description], usable.contains(algorithm) {
                found[key] = algorithm
            } else {
                let fastest = measure(key, usable)
                found[key] = fastest
                record(key, fastest)
            }
        }
        progress(keys.count, keys.count)
        return Dictionary(
            uniqueKeysWithValues: questions.map { question in
                (question.layer, found[Key(shape: question.shape, planarInput: question.planar)] ?? .reference)
            })
    }

    /// What can compute it without growing the weights, where memory is short; the cost model's choice first.
    private func candidates(_ key: Key) -> [ConvolutionAlgorithm] {
        let limit = ConvolutionAlgorithm.direct.weightBytes(key.shape)
        return ConvolutionAlgorithm.allCases.filter {
            $0 != .reference && $0.supports(key.shape, planarInput: key.planarInput)
                && (!options.lowMemory || $0.weightBytes(key.shape) <= limit)
        }.sorted {
            $0.estimatedSeconds(key.shape, isa: options.isa) < $1.estimatedSeconds(key.shape, isa: options.isa)
        }
    }

    private func measure(_ key: Key, _ candidates: [ConvolutionAlgorithm]) -> ConvolutionAlgorithm {
        guard candidates.count > 1 else { return candidates.first ?? .reference }
        let shape = key.shape
        let weights = Tensor.normal(
            shape: [
                shape.outputChannels, shape.inputChannels / shape.groups, shape.kernelHeight, shape.kernelWidth,
            ], seed: 1, deviation: 0.01)
        let prepared = candidates.map {
            PreparedConvolution(
                shape: shape, algorithm: $0, weights: .dense(weights), bias: nil, relu: true,
                planarInput: key.planarInput,
                isa: options.isa, threads: options.threads)
        }
        let input = Tensor.normal(
            shape: [shape.batch, (shape.inputChannels + 15) & ~15, shape.height, shape.width], seed: 2)
        let pixels = shape.outputHeight * shape.outputWidth
        let output = Storage(byteCount: shape.batch * ((shape.outputChannels + 15) & ~15) * pixels * 4)
        let scratch = Storage(byteCount: prepared.map(\.scratchBytes).max() ?? 0)
        let pool = ThreadPool(threads: options.threads)
        var best = [UInt64](repeating: .max, count: prepared.count)
        for _ in 0..<Self.rounds {
            for (index, convolution) in prepared.enumerated() {
                Self.evict()
                let start = clock()
                convolution.run(
                    input: input.floats.baseAddress!, output: output.base.assumingMemoryBound(to: Float.self),
                    residual: nil, scratch: scratch.base, pool: pool)
                best[index] = min(best[index], clock() - start)
            }
        }
        let fastest = best.indices.min { best[$0] < best[$1] } ?? 0
        return Double(best[fastest]) < Self.margin * Double(best[0]) ? candidates[fastest] : candidates[0]
    }

    private static let ballast = Storage(byteCount: 64 << 20)

    /// Fills the caches with something else.
    private static func evict() {
        ballast.base.assumingMemoryBound(to: UInt8.self).update(repeating: 1, count: ballast.byteCount)
    }
}
