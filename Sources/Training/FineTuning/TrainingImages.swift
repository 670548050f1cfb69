import Benchmarking
import Images
import Kernels
import Tensors

/// Images of one size to train with, and their classes where these are known.
package struct TrainingImages: Sendable {
    package let height: Int
    package let width: Int
    /// nil where there are none.
    package let labels: [Int]?
    package var count: Int { sources.count }

    private enum Source: Sendable {
        /// height × width × 3.
        case pixels([UInt8])
        case file(String)
    }

    private let sources: [Source]
    private let preprocessing: Preprocessing
    /// The network's input for every channel and byte: [3][256].
    private let table: [Float]

    /// Decoded images are kept in memory up to this many bytes; the others are read anew each time.
    private static let cacheLimit = 2 << 30

    /// Images in memory, each height × width × 3.
    package init(
        pixels: [[UInt8]], height: Int, width: Int, labels: [Int]?, mean: [Float] = [0.5, 0.5, 0.5],
        deviation: [Float] = [0.25, 0.25, 0.25]
    ) {
        precondition(pixels.allSatisfy { $0.count == height * width * 3 })
        precondition(labels.map { $0.count == pixels.count } ?? true)
        self.init(
            sources: pixels.map { .pixels($0) }, labels: labels, height: height, width: width,
            preprocessing: Preprocessing(resize: nil, crop: nil, mean: mean, deviation: deviation))
    }

    private init(sources: [Source], labels: [Int]?, height: Int, width: Int, preprocessing: Preprocessing) {
        (self.sources, self.labels, self.height, self.width) = (sources, labels, height, width)
        self.preprocessing = preprocessing
        table = (0..<3 * 256).map {
            (Float($0 % 256) / 255 - preprocessing.mean[$0 / 256]) / preprocessing.deviation[$0 / 256]
        }
    }

    /// The training part of a data set (see `Dataset.find`), or all images of a folder without classes, prepared for
    /// `model`, whose last layer has `classes` outputs.
    package static func load(
        _ name: String, datasets: [String], model: Model, classes: Int, pool: ThreadPool,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> TrainingImages {
        let size = model.inputSize
        let folder = Unlabelled.files(in: name)
        let dataset = folder == nil ? try Dataset.find(name, in: datasets, part: .train) : nil
        if let dataset { try check(dataset, classes: classes) }
        let files = folder ?? dataset?.items.map(\.file) ?? []
        let bytes = size[0] * size[1] * 3
        let kept = min(files.count, cacheLimit / bytes)
        var sources: [Source] = []
        let preprocessing = model.preprocessing
        for start in stride(from: 0, to: kept, by: 256) {
            let chunk = Array(files[start..<min(start + 256, kept)])
            let decoded = pool.map(chunk.count) { index in
                Result { () throws(TrainingError) in
                    try decode(chunk[index], preprocessing, height: size[0], width: size[1])
                }
            }
            for result in decoded { sources.append(.pixels(try result.get())) }
            progress(sources.count, files.count)
            if Task.isCancelled { throw CancellationError() }
        }
        sources += files[kept...].map { .file($0) }
        return TrainingImages(
            sources: sources, labels: dataset?.items.map(\.label), height: size[0], width: size[1],
            preprocessing: preprocessing)
    }

    private static func check(_ dataset: Dataset, classes: Int) throws(TrainingError) {
        func fail(_ reason: String) -> TrainingError { .dataset(folder: dataset.folder, reason: reason) }
        if let label = dataset.items.map(\.label).max(), label >= classes {
            throw fail("has a class \(label), but the network only has classes 0 to \(classes - 1)")
        }
        guard !dataset.classes.isEmpty else { return }
        guard dataset.classes.count == classes else {
            throw fail("has \(dataset.classes.count) classes, but the network has \(classes)")
        }
        let found = Set(dataset.items.map(\.label))
        if let missing = dataset.classes.indices.first(where: { !found.contains($0) }) {
            throw fail("there is no image of the class \(dataset.classes[missing])")
        }
    }

    private static func decode(
        _ file: String, _ preprocessing: Preprocessing, height: Int, width: Int
    ) throws(TrainingError) -> [UInt8] {
        do throws(ImageError) {
            let image = try preprocessing.prepared(try ImageFile(file), file: file)
            if image.width == width, image.height == height { return image.pixels }
            throw .malformed(
                file: file, reason: "is \(image.width)×\(image.height), but the network takes \(width)×\(height)")
        } catch { throw .image(error) }
    }

    /// Writes an image as the network's input, 3 × height × width.
    func write(_ index: Int, _ choice: Augmentation.Choice = .init(), to target: Floats) throws(TrainingError) {
        let pixels: [UInt8]
        switch sources[index] {
        case .pixels(let kept): pixels = kept
        case .file(let file): pixels = try Self.decode(file, preprocessing, height: height, width: width)
        }
        for channel in 0..<3 {
            let plane = target + channel * height * width
            for y in 0..<height {
                for x in 0..<width {
                    let (row, column) = (y + choice.dy, x + choice.dx)
                    let isInside = row >= 0 && row < height && column >= 0 && column < width
                    let value =
                        isInside ? table[channel * 256 + Int(pixels[(row * width + column) * 3 + channel])] : 0
                    plane[y * width + (choice.isFlipped ? width - 1 - x : x)] = value
                }
            }
        }
    }
}

/// A folder of images without classes.
private enum Unlabelled {
    static func files(in folder: String) -> [String]? {
        guard folder.contains("/"), Locations.isFolder(folder), !Locations.exists(folder + "/labels.tsv") else {
            return nil
        }
        let entries = Locations.entries(of: folder)
        guard !entries.isEmpty, !entries.contains(where: { Locations.isFolder("\(folder)/\($0)") }) else { return nil }
        return entries.map { "\(folder)/\($0)" }
    }
}
