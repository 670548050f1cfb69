import Engine
import Foundation
import Kernels
import Measurement
import Networks
import Tensors

/// Trains what is not a code in a quantized network (PQF, arXiv 2010.15703, section 3.4): codebooks, biases, batch norms
/// and dense layers, by Adam. The result depends on the settings alone, not on the number of threads.
package struct FineTuner {
    package struct Epoch: Sendable, Codable, Equatable {
        /// 0 is before training.
        package let number: Int
        /// The mean over the epoch's steps; nil before training.
        package let trainingLoss: Double?
        /// Of the held-out images.
        package let loss: Double
        package let accuracy: Double
    }

    package struct Progress: Sendable {
        package let epoch: Int
        package let epochs: Int
        /// Images of the epoch that are done, and all.
        package let done: Int
        package let images: Int
        /// The mean over the epoch so far.
        package let loss: Double
        package let imagesPerSecond: Double
        package let secondsLeft: Double
    }

    package struct Output: Sendable {
        /// With the parameters whose held-out loss was least.
        package let network: Network
        package let epochs: [Epoch]
        package let best: Epoch
        /// Whether accuracies are of labels, and not of the teacher's classes.
        package let hasLabels: Bool
        package let isInterrupted: Bool
    }

    private let graph: TrainingGraph
    private let teacher: Network
    private let images: TrainingImages
    private let settings: FineTuneSettings
    private let threads: Int

    /// `teacher` is the dense network that `student` was made from; images must be of the size that both take.
    package init(
        student: Network, teacher: Network, images: TrainingImages, settings: FineTuneSettings, threads: Int
    ) throws(TrainingError) {
        try settings.validate()
        guard student.inputChannels == 3 else {
            throw .invalid(setting: "fine-tune", reason: "the network does not take colour images")
        }
        do { graph = try TrainingGraph(student, inputSize: [images.height, images.width]) } catch {
            throw .engine(error)
        }
        guard images.labels != nil || settings.loss.distillation == 1 else {
            throw .invalid(setting: "distillation", reason: "images without classes allow distillation alone (1)")
        }
        guard images.count >= 2 else { throw .invalid(setting: "fine-tune", reason: "needs two images or more") }
        (self.teacher, self.images, self.settings, self.threads) = (teacher.fused(), images, settings, threads)
    }

    /// Trains until the epochs are over or the task is cancelled; either way the best parameters so far are the result.
    /// - Parameter state: a file to go on from where it exists, and to write after every epoch and at the end.
    package func run(
        state path: String? = nil, progress: (Progress) -> Void = { _ in }, report: (Epoch) -> Void = { _ in }
    ) throws -> Output {
        let pool = ThreadPool(threads: threads)
        let (heldOut, training) = split()
        let judge = try HeldOut(
            heldOut, of: images, teacher: teacher, loss: settings.loss, batch: settings.batch, threads: threads)
        func judged(_ values: [Float], _ number: Int, _ loss: Double?) throws -> Epoch {
            let found = try judge.judge(graph.layout.network(graph.network, values))
            return Epoch(number: number, trainingLoss: loss, loss: found.loss, accuracy: found.accuracy)
        }
        let batch = min(settings.batch, training.count)
        let stepsPerEpoch = training.count / batch
        let steps = stepsPerEpoch * settings.epochs
        let gradient = BatchGradient(graph, batch: batch, pool: pool)
        let weights = LayerWeights(graph.network, graph.layout)
        let teacherPlan =
            settings.loss.distillation > 0
            ? try Plan(
                teacher, inputShape: [batch, 3, images.height, images.width], options: PlanOptions(threads: threads))
            : nil

        let fingerprint = fingerprint()
        var values = graph.layout.values
        var best = values
        var adam = Adam(count: values.count)
        var epochs: [Epoch] = []
        var lossSum = 0.0
        let found = try path.flatMap { path throws(TrainingError) in
            try FineTuneState.read(path, settings: settings, fingerprint: fingerprint, count: graph.layout.count)
        }
        if let found {
            (values, best, epochs, lossSum) = (found.values, found.best, found.record.epochs, found.record.lossSum)
            adam = Adam(
                firstMoments: found.firstMoments, secondMoments: found.secondMoments, steps: found.record.steps)
        } else {
            epochs = [try judged(values, 0, nil)]
        }
        epochs.forEach(report)
        func save() throws {
            guard let path else { return }
            let record = FineTuneState.Record(
                settings: settings, fingerprint: fingerprint, steps: adam.steps, epochs: epochs, lossSum: lossSum)
            try FineTuneState(
                record: record, values: values, firstMoments: adam.firstMoments, secondMoments: adam.secondMoments,
                best: best
            ).write(to: path)
        }
        func bestLoss() -> Double { epochs.map(\.loss).min() ?? .infinity }

        let clock = ContinuousClock()
        let (start, firstStep) = (clock.now, adam.steps)
        while adam.steps < steps, !Task.isCancelled {
            let epoch = adam.steps / stepsPerEpoch
            let order = shuffled(training, epoch: epoch)
            for step in adam.steps % stepsPerEpoch..<stepsPerEpoch {
                if Task.isCancelled { break }
                let indices = Array(order[step * batch..<(step + 1) * batch])
                let input = try prepared(indices, epoch: epoch, pool: pool)
                let targets = teacherPlan?.run(input).rows
                weights.update(values, pool: pool)
                let outcome = gradient.run(
                    input, weights: weights, loss: settings.loss, teacher: targets,
                    labels: images.labels.map { labels in indices.map { labels[$0] } })
                guard outcome.loss.isFinite else { throw TrainingError.diverged(step: adam.steps) }
                adam.update(
                    &values, gradient: outcome.gradient,
                    learningRate: settings.learningRate(step: adam.steps, of: steps))
                lossSum += outcome.loss
                let seconds = (clock.now - start) / .seconds(1)
                let done = Double(adam.steps - firstStep)
                progress(
                    Progress(
                        epoch: epoch + 1, epochs: settings.epochs, done: (step + 1) * batch,
                        images: stepsPerEpoch * batch, loss: lossSum / Double(step + 1),
                        imagesPerSecond: done * Double(batch) / seconds,
                        secondsLeft: seconds / done * Double(steps - adam.steps)))
            }
            if Task.isCancelled { break }
            let record = try judged(values, epoch + 1, lossSum / Double(stepsPerEpoch))
            if record.loss < bestLoss() { best = values }
            epochs.append(record)
            lossSum = 0
            report(record)
            try save()
        }
        var isInterrupted = false
        if adam.steps < steps {
            isInterrupted = true
            try save()
            // What came after the last whole epoch may be the best; the state knows nothing of this.
            let done = adam.steps % stepsPerEpoch
            if done > 0 {
                let record = try judged(values, adam.steps / stepsPerEpoch + 1, lossSum / Double(done))
                if record.loss < bestLoss() { best = values }
                epochs.append(record)
            }
        }
        let bestEpoch = epochs.min { $0.loss < $1.loss } ?? epochs[0]
        return Output(
            network: graph.layout.network(graph.network, best), epochs: epochs, best: bestEpoch,
            hasLabels: images.labels != nil, isInterrupted: isInterrupted)
    }

    // MARK: Parts

    /// Which images are held out, and which train.
    private func split() -> (heldOut: [Int], training: [Int]) {
        var random = SplitMix64(seed: settings.seed)
        let order = Array(0..<images.count).shuffled(using: &random)
        let held = max(1, Int(Double(images.count) * settings.heldOut))
        return (order[..<held].sorted(), order[held...].sorted())
    }

    private func shuffled(_ indices: [Int], epoch: Int) -> [Int] {
        var random = SplitMix64(seed: settings.seed &+ 0x9E37_79B9 &* UInt64(epoch + 1))
        return indices.shuffled(using: &random)
    }

    /// The augmented images as N×3×H×W. What is done to an image depends on its number and the epoch alone.
    private func prepared(_ indices: [Int], epoch: Int, pool: ThreadPool) throws -> Tensor {
        let count = 3 * images.height * images.width
        return try Tensor(shape: [indices.count, 3, images.height, images.width]) { target in
            guard let base = target.baseAddress else { return }
            nonisolated(unsafe) let start = base
            let (images, settings) = (images, settings)
            let results = pool.map(indices.count) { place in
                Result { () throws(TrainingError) in
                    var random = SplitMix64(
                        seed: settings.seed ^ (UInt64(epoch + 1) << 40)
                            ^ (UInt64(indices[place]) &* 0x2545_F491_4F6C_DD1D)
                    )
                    try images.write(
                        indices[place], settings.augmentation.choice(&random), to: start + place * count)
                }
            }
            for result in results { try result.get() }
        }
    }

    /// Changes with the network's numbers, its codes, and the number and classes of the images.
    private func fingerprint() -> String {
        var text =
            "\(images.count) \(Digest.sha256((images.labels ?? []).flatMap { withUnsafeBytes(of: $0) { Array($0) } }))"
        for layer in graph.network.layers {
            switch layer.operation {
            case .convolution(let convolution): text += Digest.sha256(convolution.weights.dense())
            case .linear(let linear): text += Digest.sha256(linear.weights.dense())
            default: break
            }
        }
        text += Digest.sha256(Tensor(shape: [graph.layout.count], graph.layout.values))
        return Digest.sha256(Array(text.utf8))
    }
}
