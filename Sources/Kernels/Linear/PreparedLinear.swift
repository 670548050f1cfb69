import Tensors

/// A fully connected layer on rows of features, [N][features in whole blocks of 16].
///
/// The weights stay as they are, row-major [outputs, inputs]: read in place, mapped from their file where they are.
package final class PreparedLinear: ParallelWork {
    package let packedBytes: Int
    private let kernels: KernelTable
    private let batch: Int
    private let weights: Tensor
    private let bias: Tensor?
    private let relu: Bool
    private let runs: [Range<Int>]

    nonisolated(unsafe) private var memory: (input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>)?

    /// `weights` are [outputs, inputs], `bias` is [outputs].
    package init(batch: Int, weights: Tensor, bias: Tensor?, relu: Bool, isa: ISA, threads: Int) {
        self.batch = batch
        self.weights = weights
        self.bias = bias
        self.relu = relu
        kernels = .of(isa)
        let outputs = weights.shape[0]
        // Several runs a thread, so that one which is held up does not hold up the layer.
        runs = evenRuns(outputs, atMost: threads == 1 ? outputs : max((outputs / (threads * 8)) & ~3, 4))
        packedBytes = (weights.count + (bias?.count ?? 0)) * 4
    }

    package func run(input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, pool: ThreadPool) {
        memory = (input, output)
        pool.run(runs.count, self)
        memory = nil
        let outputs = weights.shape[0]
        let stride = Blocked.count(outputs) * 16
        for image in 0..<batch {
            (output + image * stride + outputs).update(repeating: 0, count: stride - outputs)
        }
    }

    package func run(part: Int, thread: Int) {
        guard let memory else { return }
        let (outputs, inputs) = (weights.shape[0], weights.shape[1])
        kernels.multiplyRows(
            runs[part], inputs, weights.floats.baseAddress!, memory.input, Blocked.count(inputs) * 16, batch,
            memory.output, Blocked.count(outputs) * 16, bias?.floats.baseAddress, relu)
    }
}
