import ArgumentParser
import Training

/// How `harness compress` trains what it made.
struct FineTuneOptions: ParsableArguments {
    @Option(
        help: """
            Train codebooks, biases, batch norms and dense layers on this data set: a name or folder as for evaluate \
            (of which the train part is taken), or a folder of images without classes.
            """)
    var fineTune: String?

    @Option(help: "Passes over the images.")
    var epochs = FineTuneSettings().epochs

    @Option(help: "Of Adam at its peak; it rises at first and falls along a cosine.")
    var learningRate = FineTuneSettings().learningRate

    @Option(help: "Part of the steps in which the learning rate rises.")
    var warmUp = FineTuneSettings().warmup

    @Option(help: "Images per step.")
    var batch = FineTuneSettings().batch

    @Option(help: "Share of the loss that compares with the dense network; the rest compares with the labels.")
    var distillation = FineTuneSettings().loss.distillation

    @Option(help: "What logits are divided by when they are compared with the dense network's.")
    var temperature = FineTuneSettings().loss.temperature

    @Option(help: "Pixels that training images are shifted by at most.")
    var shift = FineTuneSettings().augmentation.shift

    @Flag(name: .customLong("no-flip"), help: "Never mirror training images, such as digits.")
    var keepsSides = false

    @Option(help: "Part of the images that is held out to choose the best epoch by.")
    var heldOut = FineTuneSettings().heldOut

    @Option(help: "A file to keep the training's state in, and to go on from if it exists.", completion: .file())
    var resume: String?

    /// nil where no training is asked for.
    func settings(seed: UInt64) throws -> FineTuneSettings? {
        guard fineTune != nil else {
            guard resume == nil else { throw ValidationError("--resume goes with --fine-tune") }
            return nil
        }
        var settings = FineTuneSettings()
        (settings.epochs, settings.batch, settings.seed) = (epochs, batch, seed)
        (settings.learningRate, settings.warmup, settings.heldOut) = (learningRate, warmUp, heldOut)
        settings.loss = Loss(distillation: distillation, temperature: temperature)
        settings.augmentation = Augmentation(shift: shift, flips: !keepsSides)
        do { try settings.validate() } catch { throw ValidationError("--\(error)") }
        return settings
    }
}
