import Foundation

/// How a network is to be fine-tuned.
package struct FineTuneSettings: Sendable, Codable, Equatable {
    package var epochs = 4
    /// Images per step.
    package var batch = 128
    /// Of Adam, at its peak.
    package var learningRate: Float = 1e-3
    /// The part of all steps in which the learning rate rises from zero.
    package var warmup = 0.05
    package var loss = Loss()
    package var augmentation = Augmentation()
    /// The part of the images that is held out to choose the best parameters by.
    package var heldOut = 0.05
    package var seed: UInt64 = 1

    package init() {}

    package func validate() throws(TrainingError) {
        func check(_ holds: Bool, _ setting: String, _ reason: String) throws(TrainingError) {
            guard holds else { throw .invalid(setting: setting, reason: reason) }
        }
        try check((1...10_000).contains(epochs), "epochs", "\(epochs) is not between 1 and 10000")
        try check((1...4096).contains(batch), "batch", "\(batch) is not between 1 and 4096")
        try check(
            learningRate > 0 && learningRate <= 10, "learning-rate", "\(learningRate) is not above 0 and at most 10")
        try check((0..<1).contains(warmup), "warm-up", "\(warmup) is not at least 0 and below 1")
        try check(
            (0...1).contains(loss.distillation), "distillation", "\(loss.distillation) is not between 0 and 1")
        try check(
            (0.1...100).contains(loss.temperature), "temperature", "\(loss.temperature) is not between 0.1 and 100")
        try check((0.001...0.5).contains(heldOut), "held-out", "\(heldOut) is not between 0.001 and 0.5")
        try check((0...64).contains(augmentation.shift), "shift", "\(augmentation.shift) is not between 0 and 64")
    }

    /// The learning rate of a step: a rise, then half a cosine down to a thousandth of the peak.
    package func learningRate(step: Int, of steps: Int) -> Float {
        let rise = (Double(steps) * warmup).rounded()
        if Double(step) < rise { return learningRate * Float((Double(step) + 1) / rise) }
        let fraction = (Double(step) - rise) / max(Double(steps) - rise, 1)
        return learningRate * Float(0.001 + 0.999 * (1 + cos(.pi * fraction)) / 2)
    }
}
