import Engine
import Foundation
import Measurement
import Networks
import Tensors
import Testing
import Training

/// On images of four classes that differ in colour, with a network whose codes are good and codebooks are spoilt.
struct FineTunerTests {
    private let images: TrainingImages
    private let teacher: Network
    private let student: Network
    private var settings = FineTuneSettings()

    init() {
        images = Self.colours(count: 200, isLabelled: true)
        teacher = SmallNetworks.named("vgg")
        // Other codebooks and other dense weights under the same codes.
        var spoilt = teacher
        let layout = ParameterLayout(teacher)
        let factors = noise([layout.count], 77, deviation: 0.5).array
        spoilt = layout.network(spoilt, zip(layout.values, factors).map { $0 * (1 + $1) })
        student = spoilt
        settings.epochs = 3
        settings.batch = 24
        settings.learningRate = 3e-3
        settings.augmentation = Augmentation(shift: 1, flips: true)
    }

    static func colours(count: Int, isLabelled: Bool) -> TrainingImages {
        var random = SplitMix64(seed: 5)
        let labels = (0..<count).map { $0 % 4 }
        let pixels = labels.map { label in
            (0..<8 * 8 * 3).map { index in
                let level = [[200, 60, 60], [60, 200, 60], [60, 60, 200], [180, 180, 60]][label][index % 3]
                return UInt8(level + random.index(below: 56))
            }
        }
        return TrainingImages(pixels: pixels, height: 8, width: 8, labels: isLabelled ? labels : nil)
    }

    private func run(
        _ settings: FineTuneSettings? = nil, threads: Int = 2, images: TrainingImages? = nil, state: String? = nil,
        progress: (FineTuner.Progress) -> Void = { _ in }
    ) throws -> FineTuner.Output {
        try FineTuner(
            student: student, teacher: teacher, images: images ?? self.images, settings: settings ?? self.settings,
            threads: threads
        ).run(state: state, progress: progress)
    }

    private func values(_ network: Network) -> [Float] { ParameterLayout(network).values }

    @Test func distillationLowersTheLoss() throws {
        let output = try run()
        let losses = output.epochs.map(\.loss)
        #expect(losses.count == 4)
        #expect(output.best.loss < 0.3 * losses[0], "held-out losses \(losses)")
        #expect(output.best.loss == losses.min())
        #expect(!output.isInterrupted)
    }

    @Test func labelsTeachWithoutATeacher() throws {
        var settings = settings
        settings.loss.distillation = 0
        settings.epochs = 8
        settings.learningRate = 1e-2
        let output = try run(settings)
        #expect(output.best.accuracy == 1, "\(output.epochs.map(\.accuracy))")
    }

    @Test func imagesWithoutClassesAllowDistillationAlone() throws {
        let unlabelled = Self.colours(count: 200, isLabelled: false)
        let output = try run(images: unlabelled)
        #expect(output.best.loss < output.epochs[0].loss)
        var settings = settings
        settings.loss.distillation = 0.5
        #expect(throws: TrainingError.self) { _ = try run(settings, images: unlabelled) }
    }

    @Test func threadsDoNotChangeTheResult() throws {
        let reference = values(try run(threads: 1).network)
        for threads in [2, 3, 9] {
            #expect(values(try run(threads: threads).network) == reference, "\(threads) threads")
        }
    }

    @Test func codesStayAndCodebooksAreHalves() throws {
        let network = try run().network
        for (before, after) in zip(student.layers, network.layers) {
            guard case .convolution(let old) = before.operation, case .convolution(let new) = after.operation,
                case .quantized(let codes) = old.weights
            else { continue }
            guard case .quantized(let tuned) = new.weights, case .bytes(let a) = codes.codes,
                case .bytes(let b) = tuned.codes
            else {
                Issue.record("\(before.name) is not coded any more")
                continue
            }
            #expect(a == b)
            #expect(tuned.codebook.array != codes.codebook.array)
            #expect(
                tuned.codebook.array.allSatisfy { $0 == Float(bitPattern: $0.bitPattern & ~0x1fff) || abs($0) < 6.2e-5 }
            )
        }
    }

    @Test func interruptionKeepsTheBest() async throws {
        let (student, teacher, images, settings) = (student, teacher, images, settings)
        let task = Task {
            try FineTuner(student: student, teacher: teacher, images: images, settings: settings, threads: 1).run(
                progress: { if $0.epoch == 2, $0.done >= 48 { withUnsafeCurrentTask { $0?.cancel() } } })
        }
        let output = try await task.value
        #expect(output.isInterrupted)
        #expect(output.epochs.count == 3)
        #expect(output.best.loss < output.epochs[0].loss)
        #expect(output.best.loss == output.epochs.map(\.loss).min())
    }

    @Test func resumedIsAsUninterrupted() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let state = folder + "/state.safetensors"
        let whole = try run()
        let (student, teacher, images, settings) = (student, teacher, images, settings)
        for stop in [1, 2] {
            let task = Task {
                try FineTuner(student: student, teacher: teacher, images: images, settings: settings, threads: 2).run(
                    state: state,
                    progress: { if $0.epoch == stop, $0.done >= 72 { withUnsafeCurrentTask { $0?.cancel() } } })
            }
            #expect(try await task.value.isInterrupted)
        }
        let resumed = try run(state: state)
        #expect(resumed.epochs == whole.epochs)
        #expect(values(resumed.network) == values(whole.network))

        var other = settings
        other.learningRate = 1e-4
        #expect(throws: TrainingError.self) { _ = try run(other, state: state) }
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: state))
        #expect(throws: TrainingError.self) { _ = try run(state: state) }
    }

    @Test func learningRateRisesAndFalls() {
        var settings = FineTuneSettings()
        settings.warmup = 0.1
        let rates = (0..<100).map { settings.learningRate(step: $0, of: 100) }
        #expect(rates.firstIndex(of: rates.max() ?? 0) ?? 0 <= 10)
        #expect(rates.max() == settings.learningRate)
        #expect(zip(rates[10...], rates[11...]).allSatisfy { $0 > $1 })
        #expect(rates[99] < 0.01 * settings.learningRate)
    }
}
