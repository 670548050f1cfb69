import Benchmarking
import Engine
import Foundation
import Kernels
import Networks
import Training

/// The training step of `harness compress`, with its progress on the terminal.
struct FineTuning: Sendable {
    let dataset: String
    let datasets: [String]
    let settings: FineTuneSettings
    /// The state file.
    let resume: String?
    let threads: Int
    /// Whether every epoch leaves a line.
    var notesEpochs = true

    /// Trains `student`, which was made from `model`.
    func run(_ student: Network, from model: Model) throws -> FineTuner.Output {
        if settings.loss.distillation > 0, model.network.isQuantized {
            throw UserError.usage(
                "\(model.name) has no dense weights to learn from; --distillation 0 uses labels alone")
        }
        try refuseTestImages(of: model)
        let shapes = try student.shapes(input: [1, student.inputChannels] + model.inputSize)
        let images = try TrainingImages.load(
            dataset, datasets: datasets, model: model, classes: shapes.last?[1] ?? 0, pool: ThreadPool(threads: threads)
        ) { Terminal.progress("read \($0) of \($1) images") }
        let tuner = try FineTuner(
            student: student, teacher: model.network, images: images, settings: settings, threads: threads)
        let hasLabels = images.labels != nil
        var last = Date.distantPast
        return try tuner.run(state: resume) { progress in
            guard Date().timeIntervalSince(last) > 0.2 else { return }
            last = Date()
            Terminal.progress(Self.text(progress))
        } report: { epoch in
            if notesEpochs { Terminal.note(Self.text(epoch, of: settings.epochs, hasLabels: hasLabels)) }
        }
    }

    /// Throws where the images are those that the network's accuracy is taken on.
    private func refuseTestImages(of model: Model) throws {
        guard let tested = model.dataset, let test = try? Dataset.find(tested, in: datasets, part: .test),
            let training = try? Dataset.find(dataset, in: datasets, part: .train), training.folder == test.folder
        else { return }
        throw UserError.usage(
            "\(dataset) is what \(model.name) is tested on; training on it would make its accuracy worthless")
    }

    /// For compressed cases of suites.
    static func suiteCases(datasets: [String], seed: UInt64) -> FineTune {
        { student, model, entry in
            var settings = FineTuneSettings()
            settings.epochs = entry.epochs ?? settings.epochs
            settings.learningRate = entry.learningRate.map { Float($0) } ?? settings.learningRate
            settings.augmentation.flips = entry.flips
            settings.seed = seed
            let tuning = FineTuning(
                dataset: entry.dataset, datasets: datasets, settings: settings, resume: nil,
                threads: ProcessInfo.processInfo.activeProcessorCount, notesEpochs: false)
            let output = try tuning.run(student, from: model)
            Terminal.clearProgress()
            if output.isInterrupted { throw CancellationError() }
            return output.network
        }
    }

    private static func text(_ progress: FineTuner.Progress) -> String {
        let minutes = Int((progress.secondsLeft / 60).rounded(.up))
        return String(
            format: "epoch %d of %d: %d of %d images, loss %.4f, %.0f images/s, %d min left", progress.epoch,
            progress.epochs, progress.done, progress.images, progress.loss, progress.imagesPerSecond, minutes)
    }

    static func text(_ epoch: FineTuner.Epoch, of epochs: Int, hasLabels: Bool) -> String {
        let training = epoch.trainingLoss.map { String(format: "loss %.4f, ", $0) } ?? ""
        let start = epoch.number == 0 ? "before training" : "epoch \(epoch.number) of \(epochs)"
        let measure = hasLabels ? "top-1" : "agreement"
        return start
            + String(format: ": %@held-out loss %.4f, %@ %.2f %%", training, epoch.loss, measure, epoch.accuracy * 100)
    }
}
