import Engine
import Foundation
import Images
import Measurement
import Tensors

/// Where the time of a case goes: layer by layer, and from an image file to an answer.
struct Details {
    private let plan: Plan
    private let input: Tensor
    private let clock = MonotonicClock()
    private static let repeats = 7
    private static let images = 32

    init(_ plan: Plan, _ input: Tensor) { (self.plan, self.input) = (plan, input) }

    /// Images are looked at where a data set is named and its images have the size that the plan is for.
    func take(_ load: WorkerLoad, _ dataset: String?, _ datasets: [String]) throws -> WorkerDetails {
        var details = WorkerDetails(layers: layers(), phases: [:])
        guard let dataset else { return details }
        let preprocessing = try Model.load(load.model, models: load.models, seed: load.seed, form: load.form)
            .preprocessing
        var (pixels, tensors): ([UInt8], [UInt8]) = ([], [])
        for item in try Dataset.find(dataset, in: datasets).items.prefix(Self.images) {
            // A file that is damaged is the accuracy's to report.
            guard let (image, tensor) = try? way(of: item.file, preprocessing, &details) else { continue }
            pixels += Array(Digest.sha256(image.pixels).utf8)
            tensors += Array(Digest.sha256(tensor).utf8)
        }
        if !pixels.isEmpty {
            (details.pixelsSHA256, details.tensorsSHA256) = (Digest.sha256(pixels), Digest.sha256(tensors))
        }
        return details
    }

    private func layers() -> [LayerTime] {
        zip(plan.layers, plan.layerSeconds(input, repeats: Self.repeats)).map { layer, seconds in
            LayerTime(name: layer.name, algorithm: layer.algorithm, seconds: seconds)
        }
    }

    /// Times each step of one image; gives it as it was decoded and as it was prepared.
    private func way(
        of file: String, _ preprocessing: Preprocessing, _ details: inout WorkerDetails
    ) throws -> (Image, Tensor) {
        var times: [(String, Double)] = []
        func timed<Value>(_ phase: String, _ body: () throws -> Value) rethrows -> Value {
            let start = clock.now()
            let value = try body()
            times.append((phase, Double(clock.now() - start) * 1e-9))
            return value
        }
        _ = try timed("read") { try Data(contentsOf: URL(fileURLWithPath: file)) }
        // The file is in memory by now.
        let decoded = try timed("decode") { try ImageFile(file) }
        let tensor = try timed("resample") { try preprocessing.apply(decoded, file: file) }
        guard [1] + tensor.shape.dropFirst() == [1] + plan.inputShape.dropFirst() else {
            return (decoded.image, tensor)
        }
        if plan.inputShape[0] == 1 {
            let output = timed("infer") { plan.run(tensor) }
            _ = timed("post") { Classification.top(5, of: output.array) }
        }
        for (phase, time) in times { details.phases[phase, default: []].append(time) }
        return (decoded.image, tensor)
    }
}
