import Engine
import Kernels
import Networks
import Tensors
import Testing

/// Whole plans: every instruction set, thread count and batch gives what one image on the reference gives.
struct PlanTests {
    private static let network: Network = {
        var network = Network(name: "test", family: "test", form: .plain, inputSize: [12, 10])
        func convolution(_ inputs: Int, _ outputs: Int, size: Int, stride: Int = 1) -> Operation {
            .convolution(
                Convolution(
                    weights: .dense(.normal(shape: [outputs, inputs, size, size], seed: 5, deviation: 0.2)),
                    bias: .normal(shape: [outputs], seed: 6), stride: stride, padding: size / 2, activation: .relu))
        }
        let stem = network.append("stem", convolution(3, 20, size: 3, stride: 2), 0)
        let left = network.append("left", convolution(20, 24, size: 3), stem)
        let right = network.append("right", convolution(20, 24, size: 1), stem)
        let sum = network.append("sum", .add, left, right)
        let joined = network.append("joined", .concatenate, sum, stem)
        let pooled = network.append("pooled", .maxPool(size: 2, stride: 2, padding: 0), joined)
        let flat = network.append("flat", .flatten, pooled)
        _ = network.append(
            "linear",
            .linear(Linear(weights: .dense(.normal(shape: [7, 44 * 6], seed: 7)), bias: .normal(shape: [7], seed: 8))),
            flat)
        return network
    }()

    private func run(_ input: Tensor, _ options: PlanOptions) throws -> Tensor {
        try Plan(Self.network, inputShape: input.shape, options: options).run(input)
    }

    @Test func allWaysAgree() throws {
        let input = Tensor.normal(shape: [1, 3, 12, 10], seed: 9)
        let expected = try run(input, PlanOptions(algorithm: .reference))
        for isa in ISA.available {
            for algorithm in ConvolutionAlgorithm.allCases {
                let found = try run(input, PlanOptions(isa: isa, algorithm: algorithm))
                #expect(found.largestRelativeDifference(from: expected) < 1e-4, "\(isa.rawValue) \(algorithm)")
            }
        }
    }

    @Test func equalBitsForThreadsAndRepeats() throws {
        let input = Tensor.normal(shape: [3, 3, 12, 10], seed: 10)
        let plan = try Plan(Self.network, inputShape: input.shape, options: PlanOptions())
        let first = plan.run(input).array
        #expect(plan.run(input).array == first)
        for threads in [2, 3] { #expect(try run(input, PlanOptions(threads: threads)).array == first) }
    }

    @Test func imagesOfABatchDoNotTouchEachOther() throws {
        let images = (0..<3).map { Tensor.normal(shape: [1, 3, 12, 10], seed: UInt64(20 + $0)) }
        let batch = Tensor(shape: [3, 3, 12, 10], images.flatMap(\.array))
        let together = try run(batch, PlanOptions())
        for (index, image) in images.enumerated() {
            let alone = try run(image, PlanOptions())
            let row = Tensor(shape: alone.shape, Array(together.array[index * 7..<(index + 1) * 7]))
            #expect(row.largestRelativeDifference(from: alone) < 1e-5)
        }
    }

    @Test func inputThatDoesNotFit() {
        for shape in [[1, 3, 1, 1], [1, 4, 12, 10], [0, 3, 12, 10], [1, 3, 24, 20]] {
            #expect(throws: EngineError.self) {
                _ = try Plan(Self.network, inputShape: shape, options: PlanOptions())
            }
        }
    }
}
