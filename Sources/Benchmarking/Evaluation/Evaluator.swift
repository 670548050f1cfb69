import Dispatch
import Engine
import Images
import Synchronization
import Tensors

/// Runs a classifier over a data set: images are decoded on all cores, and inferred in the plan's batches.
package struct Evaluator {
    private let model: Model
    private let network: Network
    private let options: PlanOptions
    private let batch: Int

    /// `network` is the form of the model's network that is to run.
    package init(model: Model, network: Network, options: PlanOptions, batch: Int = 1) {
        self.model = model
        self.network = network
        self.options = options
        self.batch = batch
    }

    /// Classifies the first `limit` images of `dataset`; `progress` is told how many are done.
    ///
    /// An image that cannot be decoded is put on the list of failures.
    package func classify(
        _ dataset: Dataset, limit: Int? = nil, progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> Classification {
        let items = Array(dataset.items.prefix(limit ?? .max))
        var result = Classification(dataset: dataset.name)
        var plans: [[Int]: Plan] = [:]
        var done = 0
        for start in stride(from: 0, to: items.count, by: 64) {
            let chunk = Array(items[start..<min(start + 64, items.count)])
            let tensors = prepared(chunk)
            var row = 0
            while row < chunk.count {
                guard case .success(let first) = tensors[row] else {
                    if case .failure(let error) = tensors[row] {
                        result.failed.append(.init(file: chunk[row].file, error: "\(error)"))
                    }
                    row += 1
                    continue
                }
                var inputs = [first]
                var labels = [chunk[row].label]
                while inputs.count < batch, row + inputs.count < chunk.count,
                    case .success(let next) = tensors[row + inputs.count], next.shape == first.shape
                {
                    labels.append(chunk[row + inputs.count].label)
                    inputs.append(next)
                }
                row += inputs.count
                try run(inputs, labels, plans: &plans, into: &result)
            }
            done += chunk.count
            progress(done, items.count)
        }
        return result
    }

    /// The network's logits for one prepared image of 1×C×H×W.
    package func logits(_ input: Tensor) throws -> [Float] {
        try Plan(network, inputShape: input.shape, options: options).run(input).array
    }

    private func run(
        _ inputs: [Tensor], _ labels: [Int], plans: inout [[Int]: Plan], into result: inout Classification
    ) throws {
        let shape = [inputs.count] + inputs[0].shape.dropFirst()
        let plan = try plans[shape] ?? Plan(network, inputShape: shape, options: options)
        plans[shape] = plan
        let input = Tensor(shape: shape) { target in
            var offset = 0
            for tensor in inputs {
                offset = target[offset...].update(fromContentsOf: tensor.floats)
            }
        }
        let output = plan.run(input)
        let classes = output.shape[1]
        for (index, label) in labels.enumerated() {
            guard label < classes else { throw EvaluationError.label(label, classes: classes) }
            result.add(Array(output.floats[index * classes..<(index + 1) * classes]), label: label)
        }
    }

    /// Decodes and prepares images on all cores.
    private func prepared(_ items: [Dataset.Item]) -> [Result<Tensor, ImageError>] {
        let results = Mutex([Result<Tensor, ImageError>?](repeating: nil, count: items.count))
        let preprocessing = model.preprocessing
        DispatchQueue.concurrentPerform(iterations: items.count) { index in
            let one = Result { () throws(ImageError) in try preprocessing.apply(file: items[index].file) }
            results.withLock { $0[index] = one }
        }
        return results.withLock { $0.map { $0! } }
    }
}

/// Why a data set cannot be used with a network.
package enum EvaluationError: Error, CustomStringConvertible {
    case label(Int, classes: Int)

    package var description: String {
        switch self {
        case .label(let label, let classes):
            "the data set has a class \(label), but the network only has classes 0 to \(classes - 1)"
        }
    }
}
