import Engine
import Images
import Measurement
import Tensors

/// Takes the quality of an upsampling network on photographs.
package struct UpscaleEvaluator {
    private let network: Network
    private let options: PlanOptions

    package init(network: Network, options: PlanOptions) {
        self.network = network
        self.options = options
    }

    /// Means over the images of one way to enlarge them.
    package struct Scores: Sendable, Codable, Equatable {
        /// `Quality.Convention.div2k` and `.benchmark`, of outputs rounded to 8 bits.
        package var psnr = 0.0
        package var psnrLuma = 0.0
        package var ssim = 0.0

        fileprivate mutating func add(_ other: Scores, share: Double) {
            psnr += other.psnr * share
            psnrLuma += other.psnrLuma * share
            ssim += other.ssim * share
        }
    }

    package struct Result: Sendable, Codable {
        package var dataset: String
        package var scale: Double
        package var count = 0
        package var failed: [Classification.Failure] = []
        package var scores = Scores()
        /// Of this project's resampler: `nearest`, `bilinear`, `bicubic`, `lanczos`.
        package var resampled: [String: Scores] = [:]
        /// Of the image in the middle of the set, or the first after it that could be scored.
        package var crops: AccuracyRecord.Crops?
    }

    /// Scores the first `limit` images.
    ///
    /// - Parameter scale: pairs of another ratio are left out; where an image has no low-resolution version, bicubic
    ///   shrinking by this makes it.
    package func evaluate(
        _ photos: PhotoSet, scale: Double, limit: Int? = nil, progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> Result {
        var result = Result(dataset: photos.name, scale: scale)
        var all: [(own: Scores, resampled: [String: Scores])] = []
        let items = photos.items.prefix(limit ?? .max)
        for (index, item) in items.enumerated() {
            do {
                if let pair = try pair(item, scale: scale) {
                    let outputs = try outputs(pair)
                    all.append(try scores(outputs, pair, scale: scale))
                    if result.crops == nil, index >= items.count / 2 {
                        result.crops = try UpscaleCrops(of: pair.high).record(outputs, file: pair.file)
                    }
                }
            } catch let error as ImageError {
                result.failed.append(.init(file: item.high, error: "\(error)"))
            }
            progress(index + 1, items.count)
        }
        result.count = all.count
        for one in all {
            let share = 1 / Double(all.count)
            result.scores.add(one.own, share: share)
            for (name, scores) in one.resampled { result.resampled[name, default: Scores()].add(scores, share: share) }
        }
        return result
    }

    private struct Pair {
        let file: String
        let high: Image
        let low: Image
    }

    /// The images, the high-resolution one cut to what the low-resolution one stands for (yinboc/liif, test.py and
    /// datasets/wrappers.py); nil for a pair of another scale.
    private func pair(_ item: PhotoSet.Item, scale: Double) throws(ImageError) -> Pair? {
        let high = try ImageFile(item.high).image
        var low = try item.low.map { (path) throws(ImageError) in try ImageFile(path).image }
        if let low, abs(Double(high.width) / Double(low.width) - scale) > 0.5 / Double(low.width) * scale + 1e-9 {
            return nil
        }
        let sizes = [high.width, high.height].enumerated().map { axis, size in
            low.map { axis == 0 ? $0.width : $0.height } ?? Int(Double(size) / scale + 1e-9)
        }
        let cut = zip(sizes, [high.width, high.height]).map { min(Int((Double($0) * scale).rounded()), $1) }
        guard sizes.allSatisfy({ $0 > 0 }), cut[0] >= sizes[0], cut[1] >= sizes[1] else {
            throw .malformed(file: item.high, reason: "is too small for scale \(scale)")
        }
        let reference = high.cropped(columns: 0..<cut[0], rows: 0..<cut[1])
        if low == nil { low = reference.bicubic(width: sizes[0], height: sizes[1]) }
        return low.map { Pair(file: item.high, high: reference, low: $0) }
    }

    private typealias Outputs = [(name: String, image: Image)]

    /// The low-resolution image enlarged by plain resampling, by its name, and last by the network.
    private func outputs(_ pair: Pair) throws -> Outputs {
        let (width, height) = (pair.high.width, pair.high.height)
        let plain = Interpolation.allCases.map {
            (name: $0.rawValue, image: pair.low.resized(width: width, height: height, $0))
        }
        return plain + [(UpscaleCrops.network, try upsampled(pair.low, width: width, height: height))]
    }

    private func scores(_ outputs: Outputs, _ pair: Pair, scale: Double) throws -> (Scores, [String: Scores]) {
        var scores: [String: Scores] = [:]
        for output in outputs { scores[output.name] = try score(output.image, pair, scale) }
        return (scores.removeValue(forKey: UpscaleCrops.network) ?? Scores(), scores)
    }

    private func score(_ image: Image, _ pair: Pair, _ scale: Double) throws(ImageError) -> Scores {
        guard let psnr = Quality.psnr(image, pair.high, .div2k, scale: scale),
            let luma = Quality.psnr(image, pair.high, .benchmark, scale: scale),
            let ssim = Quality.ssim(image, pair.high, scale: scale)
        else {
            throw .malformed(file: pair.file, reason: "nothing of it is left without the border that is not scored")
        }
        return Scores(psnr: psnr, psnrLuma: luma, ssim: ssim)
    }

    /// An image enlarged and rounded to 8 bits.
    package func upsampled(_ image: Image, width: Int, height: Int) throws -> Image {
        let upsampler = try Upsampler(
            network, inputSize: [image.height, image.width], outputSize: [height, width], options: options)
        let output = upsampler.run(PlanarImage(image).colours)
        let count = width * height
        let values = output.floats
        let pixels = [UInt8](unsafeUninitializedCapacity: count * 3) { target, filled in
            for pixel in 0..<count {
                for channel in 0..<3 {
                    let value = values[channel * count + pixel]
                    target[pixel * 3 + channel] = UInt8(value > 0 ? min(value, 1) * 255 + 0.5 : 0)
                }
            }
            filled = count * 3
        }
        return withExtendedLifetime(output) { Image(width: width, height: height, channels: 3, pixels: pixels) }
    }
}
