import Tensors

/// What this machine can do at most: the two limits of a roofline (Williams et al., 2009).
package struct MachineRates: Sendable, Codable {
    /// Floating-point operations per second of all threads, two per multiply-add.
    package let flops: Double
    /// Bytes per second read from memory by all threads.
    package let bandwidth: Double

    /// Measures both, the best of a few tries, in some tenths of a second; `clock` gives nanoseconds.
    package static func measure(isa: ISA, threads: Int, clock: () -> UInt64) -> MachineRates {
        let pool = ThreadPool(threads: threads)
        let (arithmetic, reading) = (Arithmetic(isa: isa, threads: threads), Reading(isa: isa, threads: threads))
        func best(_ work: some ParallelWork) -> Double {
            (0..<5).map { _ in
                let start = clock()
                pool.run(threads, work)
                return Double(max(clock() - start, 1)) * 1e-9
            }.min() ?? .infinity
        }
        return MachineRates(
            flops: Double(2 * Arithmetic.rounds * arithmetic.perRound * threads) / best(arithmetic),
            bandwidth: Double(Reading.rows * Reading.columns * 4) / best(reading))
    }

    private final class Arithmetic: ParallelWork {
        static let rounds = 1 << 20
        let perRound: Int
        private let kernels: KernelTable
        private let values: Storage

        init(isa: ISA, threads: Int) {
            kernels = .of(isa)
            values = Storage(byteCount: threads * 256)
            perRound = kernels.multiplyAddRounds(1, values.base.assumingMemoryBound(to: Float.self))
        }

        func run(part: Int, thread: Int) {
            _ = kernels.multiplyAddRounds(Self.rounds, values.base.assumingMemoryBound(to: Float.self) + part * 64)
        }
    }

    private final class Reading: ParallelWork {
        static let (rows, columns) = (8192, 4096)
        private let kernels: KernelTable
        private let threads: Int
        private let matrix: Storage
        private let vectors: Storage

        init(isa: ISA, threads: Int) {
            kernels = .of(isa)
            self.threads = threads
            matrix = Storage(byteCount: Self.rows * Self.columns * 4)
            vectors = Storage(byteCount: (Self.rows + Self.columns) * 4)
            // Pages that were never written all read from one page of zeros.
            matrix.base.assumingMemoryBound(to: Float.self).update(repeating: 1, count: Self.rows * Self.columns)
        }

        func run(part: Int, thread: Int) {
            let rows = Self.rows * part / threads..<Self.rows * (part + 1) / threads
            let input = vectors.base.assumingMemoryBound(to: Float.self)
            kernels.multiplyRows(
                rows, Self.columns, matrix.base.assumingMemoryBound(to: Float.self), input, Self.columns, 1,
                input + Self.columns, Self.rows, nil, false)
        }
    }
}

/// The least that a layer must do by one algorithm.
package struct LayerWork: Sendable, Equatable {
    package let multiplyAdds: Int
    /// Operations of Winograd's transforms, counted at half the arithmetic rate as they hardly use multiply-adds.
    package let transformOperations: Int
    /// Weights, each read once.
    package let bytes: Int

    package init(multiplyAdds: Int, transformOperations: Int = 0, bytes: Int) {
        self.multiplyAdds = multiplyAdds
        self.transformOperations = transformOperations
        self.bytes = bytes
    }

    package func seconds(_ rates: MachineRates) -> Double {
        max(Double(2 * multiplyAdds) / rates.flops, Double(bytes) / rates.bandwidth)
            + Double(transformOperations) / (0.5 * rates.flops)
    }
}

extension ConvolutionShape {
    /// What each algorithm that can compute this shape must do; the roofline is the least time of them.
    package func work(planarInput: Bool) -> [LayerWork] {
        [ConvolutionAlgorithm.direct, .winograd2, .winograd4, .winograd6].filter {
            $0.supports(self, planarInput: planarInput)
        }.map {
            LayerWork(
                multiplyAdds: $0.leastMultiplyAdds(self), transformOperations: $0.transformOperations(self),
                bytes: $0.weightBytes(self))
        }
    }
}
