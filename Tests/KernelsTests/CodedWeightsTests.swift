import Kernels
import Tensors
import Testing

/// Layers that run on codes, against the same layers with dense weights.
struct CodedWeightsTests {
    struct Problem: Sendable {
        var k: Int
        var d: Int
        var outputs: Int
        var columns: Int
        var scaled = false
    }

    private func weights(_ problem: Problem, shape: [Int]? = nil) -> (coded: ProductQuantized, dense: Tensor) {
        let codebook = Tensor.normal(shape: [problem.k, problem.d], seed: 11)
        let scales = problem.scaled ? Tensor.normal(shape: [problem.outputs], seed: 12) : nil
        let indices = (0..<problem.outputs * problem.columns / problem.d).map { ($0 &* 7919 + 13) % problem.k }
        let coded = ProductQuantized(
            shape: shape ?? [problem.outputs, problem.columns],
            codes: problem.k <= 256 ? .bytes(indices.map(UInt8.init)) : .words(indices.map(UInt16.init)),
            codebook: codebook, rowScales: scales)
        let dense = Tensor(shape: [problem.outputs, problem.columns]) { target in
            for position in 0..<target.count {
                let value = codebook.floats[indices[position / problem.d] * problem.d + position % problem.d]
                target[position] = value * (scales?.floats[position / problem.columns] ?? 1)
            }
        }
        return (coded, dense)
    }

    @Test(arguments: [
        Problem(k: 256, d: 4, outputs: 100, columns: 512), Problem(k: 16, d: 8, outputs: 9, columns: 72),
        Problem(k: 1024, d: 4, outputs: 37, columns: 100, scaled: true), Problem(k: 2048, d: 2, outputs: 8, columns: 6),
        Problem(k: 3, d: 1, outputs: 1, columns: 5), Problem(k: 200, d: 9, outputs: 64, columns: 1152, scaled: true),
    ]) func lookupsAgreeWithDenseWeights(problem: Problem) {
        let (coded, dense) = weights(problem)
        let bias = Tensor.normal(shape: [problem.outputs], seed: 5)
        let (width, stride) = ((problem.columns + 15) & ~15, (problem.outputs + 15) & ~15)
        for batch in [1, 3] {
            let input = Tensor.normal(shape: [batch, width], seed: 6)
            for isa in ISA.available {
                var results: [[Float]] = []
                for threads in [1, 2] {
                    let prepared = PreparedLookup(
                        batch: batch, weights: coded, bias: bias, relu: true, isa: isa, threads: threads)
                    let (output, scratch) = (
                        Storage(byteCount: batch * stride * 4), Storage(byteCount: prepared.scratchBytes)
                    )
                    let sums = output.base.assumingMemoryBound(to: Float.self)
                    prepared.run(
                        input: input.floats.baseAddress!, output: sums, scratch: scratch.base,
                        pool: ThreadPool(threads: threads))
                    results.append((0..<batch * stride).map { sums[$0] })
                }
                #expect(results[0] == results[1], "\(isa): threads change the result")
                for image in 0..<batch {
                    for output in 0..<problem.outputs {
                        var sum = Double(bias.floats[output])
                        for column in 0..<problem.columns {
                            sum +=
                                Double(dense.floats[output * problem.columns + column])
                                * Double(input.floats[image * width + column])
                        }
                        let found = results[0][image * stride + output]
                        #expect(abs(Double(found) - max(sum, 0)) < 2e-4, "\(isa) \(image) \(output)")
                    }
                }
            }
        }
    }

    struct Layer: Sendable {
        var problem: Problem
        var kernel = 3
        var stride = 1
        var groups = 1
    }

    @Test(arguments: [
        Layer(problem: Problem(k: 256, d: 9, outputs: 40, columns: 9 * 33)),
        Layer(problem: Problem(k: 64, d: 18, outputs: 96, columns: 9 * 70, scaled: true)),
        Layer(problem: Problem(k: 300, d: 4, outputs: 70, columns: 9 * 36, scaled: true)),
        Layer(problem: Problem(k: 256, d: 1, outputs: 17, columns: 9 * 5, scaled: true)),
        Layer(problem: Problem(k: 20, d: 5, outputs: 16, columns: 9 * 40)),
        Layer(problem: Problem(k: 64, d: 18, outputs: 96, columns: 9 * 32), stride: 2),
        Layer(problem: Problem(k: 512, d: 4, outputs: 20, columns: 64, scaled: true), kernel: 1),
        Layer(problem: Problem(k: 50, d: 9, outputs: 24, columns: 9 * 5), groups: 3),
    ]) func codedConvolutionsEqualDecodedOnes(layer: Layer) {
        let (problem, kernel) = (layer.problem, layer.kernel)
        let (coded, dense) = weights(
            problem, shape: [problem.outputs, problem.columns / kernel / kernel, kernel, kernel])
        let channels = problem.columns / (kernel * kernel) * layer.groups
        let shape = ConvolutionShape(
            batch: 2, inputChannels: channels, height: 9, width: 11, outputChannels: problem.outputs,
            kernelHeight: kernel, kernelWidth: kernel, stride: layer.stride, padding: kernel / 2, groups: layer.groups)
        let blocks = (channels + 15) / 16
        let input = Tensor(shape: [2, blocks, 99, 16]) { target in
            let values = Tensor.normal(shape: [target.count], seed: 3)
            for index in 0..<target.count {
                let channel = index / (99 * 16) % blocks * 16 + index % 16
                target[index] = channel < channels ? values.floats[index] : 0
            }
        }
        let count = 2 * ((problem.outputs + 15) & ~15) * shape.outputHeight * shape.outputWidth
        func run(
            _ algorithm: ConvolutionAlgorithm, _ weights: ConvolutionWeights, _ isa: ISA, _ threads: Int
        ) -> [Float] {
            let prepared = PreparedConvolution(
                shape: shape, algorithm: algorithm, weights: weights, bias: nil, relu: true, planarInput: false,
                isa: isa, threads: threads)
            let (output, scratch) = (Storage(byteCount: count * 4), Storage(byteCount: prepared.scratchBytes))
            let sums = output.base.assumingMemoryBound(to: Float.self)
            prepared.run(
                input: input.floats.baseAddress!, output: sums, residual: nil, scratch: scratch.base,
                pool: ThreadPool(threads: threads))
            return (0..<count).map { sums[$0] }
        }
        for isa in ISA.available {
            for algorithm in ConvolutionAlgorithm.allCases where algorithm.supports(shape, planarInput: false) {
                let expected = run(algorithm, .dense(dense.reshaped(coded.shape)), isa, 1)
                let loaded = run(algorithm, .coded(coded, kept: false), isa, 1) == expected
                #expect(loaded, "\(algorithm) \(isa), decoded as it is packed")
                guard algorithm.runsCoded(shape, planarInput: false) else { continue }
                for threads in [1, 2] {
                    let kept = run(algorithm, .coded(coded, kept: true), isa, threads) == expected
                    #expect(kept, "\(algorithm) \(isa), decoded as it runs on \(threads) threads")
                }
            }
        }
    }
}
