import Images
import Tensors

/// From image files to a network's input, as a workload of its own: each is read, decoded, resized, cropped and
/// normalised, on one thread.
struct ImagePreparation {
    /// What names it where a model is asked for: `preprocess:imagenet`, or `preprocess:` and a model.
    static let prefix = "preprocess:"

    let preprocessing: Preprocessing
    /// One for each image of the batch; a set with fewer begins anew.
    let files: [String]
    /// N×3×H×W.
    let outputShape: [Int]

    static func isNamed(by model: String) -> Bool { model.hasPrefix(prefix) }

    /// - Parameter dataset: a labelled data set or a folder of photographs; its first `batch` files are taken.
    /// - Throws: where the data set or the model is unknown, a file is damaged, or the inputs differ in size.
    init(_ model: String, dataset: String, datasets: [String], models: [String], batch: Int) throws {
        let name = String(model.dropFirst(Self.prefix.count))
        preprocessing = name == "imagenet" ? .imageNet : try Model.load(name, models: models).preprocessing
        let found: [String]
        if let photos = try? PhotoSet.find(dataset, in: datasets) {
            found = photos.items.map(\.high)
        } else {
            found = try Dataset.find(dataset, in: datasets).items.map(\.file)
        }
        files = (0..<batch).map { found[$0 % found.count] }
        var shapes: Set<[Int]> = []
        for file in Set(files) { shapes.insert(try preprocessing.apply(file: file).shape) }
        guard let shape = shapes.first, shapes.count == 1 else { throw ImagePreparationError.sizes }
        outputShape = [batch] + shape.dropFirst()
    }

    /// All images, one after the other; a file that has become unreadable leaves its place as it was.
    func run(output: UnsafeMutableBufferPointer<Float>) {
        let size = output.count / files.count
        for (index, file) in files.enumerated() {
            guard let tensor = try? preprocessing.apply(file: file), tensor.count == size else { continue }
            _ = output[(index * size)..<((index + 1) * size)].update(fromContentsOf: tensor.floats)
        }
    }

    /// Of the files' contents.
    func digest() throws -> String {
        Digest.sha256(Array(try files.map { try Digest.sha256(file: $0) }.joined().utf8))
    }
}

enum ImagePreparationError: Error, CustomStringConvertible {
    case noDataset
    case sizes
    case threads

    var description: String {
        switch self {
        case .noDataset: "a case that prepares images names the data set that they are in"
        case .sizes: "the prepared images differ in size; name a preprocessing that crops"
        case .threads: "images are prepared on one thread"
        }
    }
}
