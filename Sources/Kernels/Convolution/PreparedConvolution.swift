import Tensors

/// A convolution with its weights packed for one algorithm, ready to run on blocked activations.
///
/// Bias, an optional residual and ReLU are applied as the sums leave the registers. One run at a time.
package final class PreparedConvolution: Sendable {
    package let algorithm: ConvolutionAlgorithm
    /// Bytes of the weights as they are kept.
    package let packedBytes: Int
    /// Bytes of memory that a run works in.
    package let scratchBytes: Int
    private let body: any ConvolutionBody

    /// Packs `weights`, [output channels, input channels / groups, kernel height, kernel width]; `planarInput`: the
    /// input is planar N×C×H×W; `pools`:
    /// the output is the largest of each 2×2 pixels, and there is no residual.
    package init(
        shape: ConvolutionShape, algorithm: ConvolutionAlgorithm, weights: ConvolutionWeights,
        bias: Tensor?, relu: Bool, pools: Bool = false, planarInput: Bool, isa: ISA, threads: Int
    ) {
        precondition(algorithm.supports(shape, planarInput: planarInput))
        precondition(!weights.areKeptCoded || algorithm.runsCoded(shape, planarInput: planarInput))
        precondition(!pools || algorithm.pools(shape, planarInput: planarInput))
        let problem = ConvolutionProblem(
            shape: shape, weights: weights, bias: bias, relu: relu, pools: pools, planarInput: planarInput,
            kernels: .of(isa), threads: threads)
        self.algorithm = algorithm
        body =
            switch algorithm {
            case .reference: ReferenceConvolution(problem)
            case .openblas: OpenBLASConvolution(problem)
            case .direct: DirectConvolution(problem)
            case .winograd2: WinogradConvolution(problem, m: 2)
            case .winograd4: WinogradConvolution(problem, m: 4)
            case .winograd6: WinogradConvolution(problem, m: 6)
            case .winograd4Streamed: WinogradConvolution(problem, m: 4, streamed: true)
            }
        packedBytes = body.packedBytes
        scratchBytes = body.scratchBytes
    }

    /// `residual` is blocked like the output; `scratch` has `scratchBytes` bytes aligned to 64.
    package func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, residual: UnsafePointer<Float>?,
        scratch: UnsafeMutableRawPointer, pool: ThreadPool
    ) {
        body.run(
            ConvolutionMemory(
                input: input, output: output, residual: residual, scratch: scratch.assumingMemoryBound(to: Float.self)),
            pool: pool)
    }
}

/// What a convolution's weights are packed from.
package enum ConvolutionWeights: Sendable {
    case dense(Tensor)
    /// Codes, which are decoded as they are packed; or `kept` in place of weights, and decoded part by part in every run.
    case coded(ProductQuantized, kept: Bool)

    package var areKeptCoded: Bool { keptCodes != nil }

    var keptCodes: ProductQuantized? {
        guard case .coded(let codes, kept: true) = self else { return nil }
        return codes
    }

    func dense() -> Tensor {
        switch self {
        case .dense(let tensor): tensor
        case .coded(let codes, _): codes.decoded()
        }
    }
}

extension ConvolutionAlgorithm {
    /// Whether it can run a convolution whose weights are kept as codes.
    package func runsCoded(_ shape: ConvolutionShape, planarInput: Bool) -> Bool {
        (self == .direct || self == .winograd4Streamed) && !planarInput && shape.groups == 1
            && supports(shape, planarInput: planarInput)
    }

    /// Whether it can take the largest of each 2×2 pixels as it goes, so that the whole map is never written.
    package func pools(_ shape: ConvolutionShape, planarInput: Bool) -> Bool {
        shape.outputHeight % 2 == 0 && shape.outputWidth % 2 == 0
            && (winogradTile != nil || self == .direct && planarInput)
    }
}

/// What a convolution is to do, before its weights are packed.
struct ConvolutionProblem {
    var shape: ConvolutionShape
    var weights: ConvolutionWeights
    let bias: Tensor?
    let relu: Bool
    var pools = false
    let planarInput: Bool
    let kernels: KernelTable
    let threads: Int

    /// The bias in whole blocks, zeros where there is none.
    var paddedBias: Storage {
        let storage = Storage(byteCount: shape.outputBlocks * 64)
        let target = storage.base.assumingMemoryBound(to: Float.self)
        if let bias { target.update(from: bias.floats.baseAddress!, count: bias.count) }
        return storage
    }

    /// The same function without groups: weights between groups are zeros.
    var withoutGroups: ConvolutionProblem {
        var dense = self
        let taps = shape.kernelHeight * shape.kernelWidth
        let (inputs, outputs) = (shape.inputChannels / shape.groups, shape.outputChannels / shape.groups)
        let weights = weights.dense()
        dense.shape.groups = 1
        dense.weights = .dense(
            Tensor(
                shape: [shape.outputChannels, shape.inputChannels, shape.kernelHeight, shape.kernelWidth]
            ) { target in
                for output in 0..<shape.outputChannels {
                    let place = (output * shape.inputChannels + output / outputs * inputs) * taps
                    for index in 0..<inputs * taps {
                        target[place + index] = weights.floats[output * inputs * taps + index]
                    }
                }
            })
        return dense
    }
}

/// Where a run reads and writes.
struct ConvolutionMemory {
    let input: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>
    let residual: UnsafePointer<Float>?
    let scratch: UnsafeMutablePointer<Float>
}

protocol ConvolutionBody: Sendable {
    var packedBytes: Int { get }
    var scratchBytes: Int { get }
    func run(_ memory: ConvolutionMemory, pool: ThreadPool)
}

/// Divides `count` things into runs of at most `limit`, as even as can be; where there are enough, into as many as a
/// number of `threads` can share evenly.
func evenRuns(_ count: Int, atMost limit: Int, threads: Int = 1) -> [Range<Int>] {
    let needed = (count + limit - 1) / limit
    let runs = min((needed + threads - 1) / threads * threads, max(count, needed))
    return (0..<runs).map { count * $0 / runs..<count * ($0 + 1) / runs }
}
