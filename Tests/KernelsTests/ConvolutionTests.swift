import Foundation
import Kernels
import Tensors
import Testing

/// Every algorithm on every instruction set of this CPU, against plain loops, over shapes at the edges of tiles.
struct ConvolutionTests {
    /// Relative to the largest output. Winograd's larger tiles lose digits, the largest most.
    static func tolerance(_ algorithm: ConvolutionAlgorithm) -> Float {
        switch algorithm {
        case .winograd6: 1e-4
        case .winograd4, .winograd4Streamed: 2e-5
        default: 6e-6
        }
    }

    static let shapes: [ConvolutionShape] = {
        func shape(
            _ batch: Int, _ inputs: Int, _ height: Int, _ width: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1,
            padding: Int = 1, groups: Int = 1
        ) -> ConvolutionShape {
            ConvolutionShape(
                batch: batch, inputChannels: inputs, height: height, width: width, outputChannels: outputs,
                kernelHeight: kernel, kernelWidth: kernel, stride: stride, padding: padding, groups: groups)
        }
        return [
            shape(1, 1, 1, 1, 1), shape(1, 16, 1, 7, 16), shape(1, 17, 5, 3, 33), shape(2, 48, 14, 14, 48),
            shape(1, 5, 9, 13, 80), shape(3, 32, 7, 7, 64), shape(1, 64, 31, 6, 160), shape(1, 96, 28, 28, 96),
            shape(1, 16, 9, 9, 48, stride: 2), shape(2, 48, 14, 15, 96, stride: 2), shape(1, 3, 33, 30, 48, stride: 2),
            shape(1, 3, 40, 24, 64, kernel: 7, stride: 2, padding: 3), shape(2, 64, 7, 9, 256, kernel: 1, padding: 0),
            shape(1, 33, 12, 5, 20, kernel: 1, stride: 2, padding: 0), shape(1, 20, 11, 11, 24, kernel: 5, padding: 2),
            shape(1, 16, 8, 8, 16, padding: 0), shape(1, 64, 14, 14, 64, groups: 4), shape(1, 96, 9, 9, 96, groups: 2),
            shape(1, 24, 6, 6, 24, groups: 4), shape(1, 32, 10, 10, 64, stride: 2, groups: 2),
            shape(1, 8, 6, 6, 8, padding: 2, groups: 8), shape(1, 512, 7, 7, 64), shape(1, 40, 33, 35, 72),
            shape(1, 3, 20, 20, 32),
        ]
    }()

    @Test(arguments: shapes) func agreesWithReference(shape: ConvolutionShape) {
        for planar in [false, true] where !planar || shape.inputChannels <= 8 {
            let problem = Problem(shape, planar: planar, seed: UInt64(Self.shapes.firstIndex(of: shape) ?? 0))
            for residual in [false, true] {
                let expected = problem.run(.reference, isa: .best, threads: 1, residual: residual)
                for algorithm in ConvolutionAlgorithm.allCases where algorithm.supports(shape, planarInput: planar) {
                    for isa in ISA.available {
                        let found = problem.run(algorithm, isa: isa, threads: 1, residual: residual)
                        let difference = found.largestRelativeDifference(from: expected)
                        #expect(
                            difference <= Self.tolerance(algorithm),
                            "\(algorithm) \(isa.rawValue) planar \(planar) residual \(residual) seed \(problem.seed)")
                    }
                }
            }
        }
    }

    @Test(arguments: shapes) func equalBitsForAnyThreadCount(shape: ConvolutionShape) {
        let problem = Problem(shape, planar: false, seed: 7)
        for algorithm in ConvolutionAlgorithm.allCases
        where algorithm.supports(shape, planarInput: false) && algorithm != .openblas && algorithm != .reference {
            let one = problem.run(algorithm, isa: .best, threads: 1, residual: true).array
            for threads in [2, 3] {
                #expect(problem.run(algorithm, isa: .best, threads: threads, residual: true).array == one)
            }
        }
    }

    /// The same bits as the convolution and then the pooling, not-a-numbers included.
    @Test(arguments: shapes) func poolsAsItGoes(shape: ConvolutionShape) {
        for planar in [false, true] where !planar || shape.inputChannels <= 8 {
            let problem = Problem(shape, planar: planar, seed: 11, nan: true)
            let (height, width) = (shape.outputHeight, shape.outputWidth)
            for algorithm in ConvolutionAlgorithm.allCases
            where algorithm.supports(shape, planarInput: planar) && algorithm.pools(shape, planarInput: planar) {
                for isa in ISA.available {
                    let pooling = PlaneOperation.maxPool(
                        batch: shape.batch, channels: shape.outputChannels, height: height, width: width,
                        outputHeight: height / 2, outputWidth: width / 2, size: 2, stride: 2, padding: 0, isa: isa,
                        threads: 1)
                    let map = problem.run(algorithm, isa: isa, threads: 1, residual: false, relu: true)
                    let expected = Tensor(shape: [map.count / 4]) { output in
                        pooling.run(
                            input: { _ in map.floats.baseAddress! }, output: output.baseAddress!,
                            pool: ThreadPool(threads: 1))
                    }.array
                    #expect(expected.contains(where: \.isNaN) && !expected.allSatisfy(\.isNaN))
                    for threads in [1, 2, 3] {
                        let found = problem.run(
                            algorithm, isa: isa, threads: threads, residual: false, relu: true, pools: true)
                        let differing = zip(found.array, expected).count { $0 != $1 && !($0.isNaN && $1.isNaN) }
                        #expect(differing == 0, "\(algorithm) \(isa.rawValue) planar \(planar)")
                    }
                }
            }
        }
    }
}

/// A convolution on random numbers.
private struct Problem {
    let shape: ConvolutionShape
    let planar: Bool
    let seed: UInt64
    private let weights: Tensor
    private let bias: Tensor
    private let input: Tensor
    private let residual: Tensor

    /// `nan`: one number of the input is none.
    init(_ shape: ConvolutionShape, planar: Bool, seed: UInt64, nan: Bool = false) {
        self.shape = shape
        self.planar = planar
        self.seed = seed
        let inputs = shape.inputChannels / shape.groups
        weights = .normal(shape: [shape.outputChannels, inputs, shape.kernelHeight, shape.kernelWidth], seed: seed)
        bias = .normal(shape: [shape.outputChannels], seed: seed + 1)
        var plane = Tensor.normal(
            shape: [shape.batch, shape.inputChannels, shape.height, shape.width], seed: seed + 2)
        if nan { plane = Tensor(shape: plane.shape, [.nan] + plane.array.dropFirst()) }
        input = planar ? plane : plane.blocked
        residual =
            Tensor.normal(
                shape: [shape.batch, shape.outputChannels, shape.outputHeight, shape.outputWidth], seed: seed + 3
            ).blocked
    }

    func run(
        _ algorithm: ConvolutionAlgorithm, isa: ISA, threads: Int, residual hasResidual: Bool, relu: Bool? = nil,
        pools: Bool = false
    ) -> Tensor {
        let convolution = PreparedConvolution(
            shape: shape, algorithm: algorithm, weights: .dense(weights), bias: bias, relu: relu ?? hasResidual,
            pools: pools, planarInput: planar, isa: isa, threads: threads)
        let pool = ThreadPool(threads: threads)
        let scratch = Storage(byteCount: convolution.scratchBytes)
        // A run must not depend on what its memory held before.
        memset(scratch.base, 0xFF, convolution.scratchBytes)
        return Tensor(shape: pools ? [residual.count / 4] : residual.shape) { output in
            output.update(repeating: .nan)
            convolution.run(
                input: input.floats.baseAddress!, output: output.baseAddress!,
                residual: hasResidual ? residual.floats.baseAddress! : nil, scratch: scratch.base, pool: pool)
        }
    }
}

extension Tensor {
    /// N×C×H×W as the engine keeps it.
    fileprivate var blocked: Tensor {
        let blocks = Blocked.count(shape[1])
        return Tensor(shape: [shape[0], blocks, shape[2], shape[3], 16]) { target in
            Blocked.fromPlanar(
                floats.baseAddress!, to: target.baseAddress!, batch: shape[0], channels: shape[1],
                pixels: shape[2] * shape[3])
        }
    }
}
