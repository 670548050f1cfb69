import Kernels
import Synchronization
import Tensors

/// The gradient of a minibatch's loss on all threads.
///
/// The images are cut into a fixed number of parts whose gradients are added in their order, so that the result does not
/// depend on how many threads there are.
package final class BatchGradient: @unchecked Sendable {
    /// The mean over the images.
    package struct Outcome {
        package var loss = 0.0
        package var gradient: [Float]
    }

    private static let parts = 8
    /// Values and gradients of one thread; a part of the images that needs more is run in pieces.
    private static let memoryLimit = 256 << 20

    private let graph: TrainingGraph
    private let pool: ThreadPool
    private let tapes: [Tape]
    private let gradients: [Storage]
    private let piece: Int

    package init(_ graph: TrainingGraph, batch: Int, pool: ThreadPool) {
        self.graph = graph
        self.pool = pool
        let largest = (batch + Self.parts - 1) / Self.parts
        let piece = min(largest, max(1, Self.memoryLimit / Tape.bytesPerImage(graph)))
        self.piece = piece
        tapes = (0..<min(pool.threads, Self.parts)).map { _ in Tape(graph, capacity: piece) }
        gradients = (0..<Self.parts).map { _ in Storage(byteCount: 4 * max(graph.layout.count, 1)) }
    }

    /// `input` is N×C×H×W; `teacher` has a row of logits per image.
    func run(
        _ input: Tensor, weights: LayerWeights, loss: Loss, teacher: [[Float]]?, labels: [Int]?
    ) -> Outcome {
        OpenBLAS.limit(threads: 1)
        let work = Work(self, input, weights, loss, teacher, labels)
        pool.run(Self.parts, work)
        let images = input.shape[0]
        var outcome = Outcome(gradient: [Float](repeating: 0, count: graph.layout.count))
        for part in 0..<Self.parts { outcome.loss += work.losses[part] / Double(images) }
        outcome.gradient.withUnsafeMutableBufferPointer { target in
            for gradient in gradients {
                for i in 0..<target.count { target[i] += gradient.floats[i] }
            }
            for i in 0..<target.count { target[i] /= Float(images) }
        }
        return outcome
    }

    private final class Work: ParallelWork, @unchecked Sendable {
        private let owner: BatchGradient
        private let input: Tensor
        private let weights: LayerWeights
        private let loss: Loss
        private let teacher: [[Float]]?
        private let labels: [Int]?
        private let sums = Storage(byteCount: 8 * BatchGradient.parts)
        /// Threads of the pool beyond the tapes find none left; a part waits for no other.
        private let free: Mutex<[Int]>

        init(
            _ owner: BatchGradient, _ input: Tensor, _ weights: LayerWeights, _ loss: Loss, _ teacher: [[Float]]?,
            _ labels: [Int]?
        ) {
            self.owner = owner
            self.input = input
            self.weights = weights
            self.loss = loss
            self.teacher = teacher
            self.labels = labels
            free = Mutex(Array(owner.tapes.indices))
        }

        /// The sum of each part.
        var losses: UnsafeMutablePointer<Double> { sums.base.assumingMemoryBound(to: Double.self) }

        func run(part: Int, thread: Int) {
            // There are as many tapes as parts can run at once.
            guard let index = free.withLock({ $0.popLast() }) else { preconditionFailure("a tape for each thread") }
            defer { free.withLock { $0.append(index) } }
            let images = input.shape[0]
            let gradient = owner.gradients[part].floats
            gradient.update(repeating: 0, count: owner.graph.layout.count)
            let (first, end) = (images * part / BatchGradient.parts, images * (part + 1) / BatchGradient.parts)
            for start in stride(from: first, to: end, by: owner.piece) {
                run(start..<min(start + owner.piece, end), owner.tapes[index], part, gradient)
            }
        }

        private func run(_ range: Range<Int>, _ tape: Tape, _ part: Int, _ gradient: Floats) {
            let classes = owner.graph.classes
            guard let start = input.floats.baseAddress else { return }
            let logits = tape.forward(
                start + range.lowerBound * owner.graph.counts[0], images: range.count, weights: weights)
            var slopes = [Float](repeating: 0, count: classes * range.count)
            for (place, image) in range.enumerated() {
                let row = (0..<classes).map { logits[$0 * range.count + place] }
                let (value, slope) = loss.value(row, teacher: teacher?[image], label: labels?[image])
                losses[part] += value
                for index in 0..<classes { slopes[index * range.count + place] = slope[index] }
            }
            slopes.withUnsafeBufferPointer {
                if let slopes = $0.baseAddress { tape.backward(slopes, weights: weights, to: gradient) }
            }
        }
    }
}

extension BatchGradient {
    /// The loss and its gradient for parameters in the order of the graph's layout.
    package func evaluate(
        _ values: [Float], input: Tensor, loss: Loss, teacher: [[Float]]? = nil, labels: [Int]? = nil
    ) -> Outcome {
        let weights = LayerWeights(graph.network, graph.layout)
        weights.update(values, pool: pool)
        return run(input, weights: weights, loss: loss, teacher: teacher, labels: labels)
    }
}
