import Kernels
import Tensors

/// A network made ready for one input shape, thread count and instruction set: the algorithm of every layer is chosen,
/// its weights are packed, and every activation has its place in one arena. Running it allocates nothing.
///
/// One run at a time: a plan owns the memory that a run works on.
package final class Plan: @unchecked Sendable {
    package let inputShape: [Int]
    /// N×classes, or N×C×H×W.
    package let outputShape: [Int]
    package let layers: [LayerReport]
    /// Bytes of weights as the plan keeps them, and of activations and scratch memory.
    package let weightBytes: Int
    package let activationBytes: Int

    private let steps: [any Step]
    /// The layer of each step, as an index into `layers`.
    private let stepLayers: [Int]
    private let result: Place
    private let arena: Storage
    private let scratch: Storage
    let pool: ThreadPool

    /// Takes the network over: its dense weights are let go of one by one as they are packed, unless the caller keeps
    /// them.
    package init(_ network: consuming Network, inputShape: [Int], options: PlanOptions) throws {
        var builder = try PlanBuilder(network, inputShape: inputShape, options: options)
        try builder.build()
        self.inputShape = inputShape
        outputShape = builder.outputShape
        layers = builder.reports
        steps = builder.steps
        stepLayers = builder.stepLayers
        result = builder.result
        weightBytes = builder.reports.reduce(0) { $0 + $1.weightBytes }
        activationBytes = builder.arenaBytes + builder.scratchBytes
        arena = Storage(byteCount: builder.arenaBytes)
        scratch = Storage(byteCount: builder.scratchBytes)
        pool = ThreadPool(threads: options.threads)
    }

    /// Runs the network: `input` is planar N×C×H×W in the plan's shape, `output` gets `outputShape` in row-major order.
    package func run(input: UnsafeBufferPointer<Float>, output: UnsafeMutableBufferPointer<Float>) {
        let memory = memory(input)
        for step in steps { step.run(memory) }
        copyResult(memory, to: output)
    }

    package func run(_ input: Tensor) -> Tensor {
        precondition(input.shape == inputShape)
        return Tensor(shape: outputShape) { run(input: input.floats, output: $0) }
    }

    /// Runs the network once, and tells `record` the nanoseconds of each step with its index in `layers`.
    package func run(_ input: Tensor, clock: () -> UInt64, record: (Int, UInt64) -> Void) {
        precondition(input.shape == inputShape)
        let memory = memory(input.floats)
        for (step, layer) in zip(steps, stepLayers) {
            let start = clock()
            step.run(memory)
            record(layer, clock() - start)
        }
    }

    /// Runs the network and gives its output where it stands, in blocks of 16 channels; valid until the next run.
    func runInPlace(_ input: UnsafeBufferPointer<Float>) -> UnsafePointer<Float> {
        let memory = memory(input)
        for step in steps { step.run(memory) }
        return memory.read(result)
    }

    private func memory(_ input: UnsafeBufferPointer<Float>) -> Memory {
        precondition(input.count == inputShape.reduce(1, *))
        return Memory(input: input.baseAddress!, arena: arena.base, scratch: scratch.base, pool: pool)
    }

    private func copyResult(_ memory: Memory, to output: UnsafeMutableBufferPointer<Float>) {
        let batch = outputShape[0]
        // A row of features is a blocked map of one pixel.
        Blocked.toPlanar(
            memory.read(result), to: output.baseAddress!, batch: batch, channels: outputShape[1],
            pixels: outputShape.dropFirst(2).reduce(1, *))
    }
}
