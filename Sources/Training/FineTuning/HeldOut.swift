import Engine
import Kernels
import Tensors

/// The images that a fine-tuning judges itself by, run as the engine runs them.
struct HeldOut {
    let indices: [Int]
    private let images: TrainingImages
    private let loss: Loss
    private let batch: Int
    private let threads: Int
    private let teacher: [[Float]]

    init(
        _ indices: [Int], of images: TrainingImages, teacher: Network, loss: Loss, batch: Int, threads: Int
    ) throws {
        (self.indices, self.images, self.loss) = (indices, images, loss)
        (self.batch, self.threads) = (min(batch, indices.count), threads)
        self.teacher = try Self.logits(teacher, images, indices, min(batch, indices.count), threads)
    }

    /// The mean loss; the part of right classes, or, without labels, of those that are the teacher's.
    func judge(_ network: Network) throws -> (loss: Double, accuracy: Double) {
        let logits = try Self.logits(network, images, indices, batch, threads)
        var (sum, hits) = (0.0, 0)
        for (place, index) in indices.enumerated() {
            let label = images.labels?[index]
            sum += loss.value(logits[place], teacher: teacher[place], label: label).value
            if largest(logits[place]) == label ?? largest(teacher[place]) { hits += 1 }
        }
        return (sum / Double(indices.count), Double(hits) / Double(indices.count))
    }

    private func largest(_ row: [Float]) -> Int { row.indices.max { row[$0] < row[$1] } ?? 0 }

    private static func logits(
        _ network: Network, _ images: TrainingImages, _ indices: [Int], _ batch: Int, _ threads: Int
    ) throws -> [[Float]] {
        let shape = [batch, 3, images.height, images.width]
        let plan = try Plan(network.fused(), inputShape: shape, options: PlanOptions(threads: threads))
        var rows: [[Float]] = []
        for start in stride(from: 0, to: indices.count, by: batch) {
            let input = try Tensor(shape: shape) { target in
                guard let base = target.baseAddress else { return }
                for place in 0..<min(batch, indices.count - start) {
                    try images.write(indices[start + place], to: base + place * 3 * images.height * images.width)
                }
            }
            rows += plan.run(input).rows.prefix(indices.count - start)
        }
        return rows
    }
}

extension Tensor {
    var rows: [[Float]] {
        let width = count / shape[0]
        return (0..<shape[0]).map { Array(floats[$0 * width..<($0 + 1) * width]) }
    }
}
