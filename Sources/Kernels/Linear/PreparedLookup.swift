import Tensors

/// A fully connected layer that runs on codes: the products of every input subvector with every centroid are tabulated,
/// a few subvectors at a time, and each output is a sum of table entries. Reads a byte or two per subvector instead of
/// 4 · d: for one image, where dense weights take as long as reading them, that is faster as well as smaller.
package final class PreparedLookup: ParallelWork {
    package let packedBytes: Int
    /// Each thread's table.
    package let scratchBytes: Int
    private let kernels: KernelTable
    private let batch: Int
    private let weights: ProductQuantized
    /// [block][group of 8 outputs][subvector of the block][8], zeros after the last of each.
    private let codes: Storage
    private let isWide: Bool
    /// The codebook transposed, [d, width].
    private let centroids: Storage
    private let width: Int
    private let blockLength: Int
    private let blocks: Int
    private let groups: Int
    private let bias: Tensor?
    private let relu: Bool
    private let runs: [Range<Int>]

    nonisolated(unsafe) private var memory:
        (UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)?

    /// A table of this size stays in the first-level cache.
    private static let tableBytes = 24 << 10

    package init(batch: Int, weights: ProductQuantized, bias: Tensor?, relu: Bool, isa: ISA, threads: Int) {
        self.batch = batch
        self.weights = weights
        self.bias = bias
        self.relu = relu
        kernels = .of(isa)
        let (k, d) = (weights.codebook.shape[0], weights.d)
        width = Blocked.count(k) * 16
        if case .words = weights.codes { isWide = true } else { isWide = false }
        blockLength = max(min(Self.tableBytes / (width * 4), 64), 4)
        groups = (weights.outputs + 7) / 8
        blocks = (weights.subvectors + blockLength - 1) / blockLength
        centroids = Storage(byteCount: d * width * 4)
        let transposed = centroids.base.assumingMemoryBound(to: Float.self)
        for (index, value) in weights.codebook.floats.enumerated() {
            transposed[index % d * width + index / d] = value
        }
        codes = Storage(byteCount: blocks * groups * 8 * blockLength * (isWide ? 2 : 1))
        scratchBytes = threads * blockLength * width * 4
        packedBytes = codes.byteCount + centroids.byteCount + (bias?.count ?? 0) * 4
        runs = evenRuns(groups, atMost: (groups + threads - 1) / threads)
        switch weights.codes {
        case .bytes(let values): pack(values)
        case .words(let values): pack(values)
        }
    }

    private func pack<Code: FixedWidthInteger>(_ values: [Code]) {
        let target = codes.base.assumingMemoryBound(to: Code.self)
        let count = weights.subvectors
        for output in 0..<weights.outputs {
            for j in 0..<count {
                let group = (j / blockLength * groups + output / 8) * blockLength + j % blockLength
                target[group * 8 + output % 8] = values[output * count + j]
            }
        }
    }

    /// `input` is [N][features in whole blocks of 16], and so is `output`.
    package func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, scratch: UnsafeMutableRawPointer,
        pool: ThreadPool
    ) {
        memory = (input, output, scratch.assumingMemoryBound(to: Float.self))
        pool.run(runs.count, self)
        memory = nil
        let stride = Blocked.count(weights.outputs) * 16
        for image in 0..<batch {
            let end = output + image * stride + weights.outputs
            end.update(repeating: 0, count: stride - weights.outputs)
        }
    }

    package func run(part: Int, thread: Int) {
        guard let (input, output, scratch) = memory else { return }
        let table = scratch + thread * blockLength * width
        let groups = runs[part]
        let rows = groups.lowerBound * 8..<min(groups.upperBound * 8, weights.outputs)
        for image in 0..<batch {
            let x = input + image * Blocked.count(weights.columns) * 16
            let sums = output + image * Blocked.count(weights.outputs) * 16 + rows.lowerBound
            sums.update(repeating: 0, count: groups.count * 8)
            for block in 0..<blocks {
                let first = block * blockLength
                let count = min(blockLength, weights.subvectors - first)
                kernels.tabulate(
                    x + first * weights.d, count, weights.d,
                    UnsafePointer(centroids.base.assumingMemoryBound(to: Float.self)), width, table)
                // Codes after the last subvector look up zeros.
                (table + count * width).update(repeating: 0, count: (blockLength - count) * width)
                let place = (block * self.groups + groups.lowerBound) * blockLength * 8
                if isWide {
                    let codes = UnsafePointer(codes.base.assumingMemoryBound(to: UInt16.self)) + place
                    kernels.addWideLookups(codes, groups.count, blockLength, table, width, sums)
                } else {
                    let codes = UnsafePointer(codes.base.assumingMemoryBound(to: UInt8.self)) + place
                    kernels.addLookups(codes, groups.count, blockLength, table, width, sums)
                }
            }
            for row in 0..<rows.count {
                var sum = sums[row]
                if let scales = weights.rowScales { sum *= scales.floats[rows.lowerBound + row] }
                if let bias { sum += bias.floats[rows.lowerBound + row] }
                sums[row] = relu && sum < 0 ? 0 : sum
            }
        }
    }
}
