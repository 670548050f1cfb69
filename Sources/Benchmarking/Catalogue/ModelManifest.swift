import Foundation
import Images

/// What `models/<name>/manifest.yaml` says about a trained network.
package struct ModelManifest: Sendable {
    package let name: String
    package let folder: String
    package let description: String
    /// The weights file inside the folder, and its SHA-256.
    package let weights: String
    package let sha256: String
    /// Height and width of the network's input.
    package let inputSize: [Int]?
    package let preprocessing: Preprocessing
    /// Names of the classes by index, where it is a classifier.
    package let classes: [String]
    /// The data set that it is evaluated on unless another is named.
    package let dataset: String?
    package let source: String
    package let licence: String

    package var weightsPath: String { "\(folder)/\(weights)" }

    /// Names of the networks in `models`, sorted.
    package static func names(in models: [String]) -> [String] { Locations.withManifest(in: models) }

    /// Reads the manifest of the network called `name`.
    package static func read(_ name: String, in models: [String]) throws(ConfigurationError) -> ModelManifest {
        guard let path = Locations.first("\(name)/manifest.yaml", in: models) else {
            throw .unknown(kind: "model", name: name, known: names(in: models))
        }
        let folder = String(path.dropLast("/manifest.yaml".count))
        let yaml = try YAMLMapping.read(
            path,
            allowed: [
                "name", "description", "architecture", "weights", "sha256", "input", "preprocessing", "classes",
                "dataset",
                "source", "licence", "training",
            ])
        guard try yaml.requiredText("name") == name else { throw yaml.wrong("name", "the folder's name, \(name)") }
        let weights = try yaml.requiredText("weights")
        guard !weights.contains("/"), weights != ".." else { throw yaml.wrong("weights", "a file in the same folder") }
        let sha256 = try yaml.requiredText("sha256")
        guard sha256.count == 64, sha256.allSatisfy(\.isHexDigit) else {
            throw yaml.wrong("sha256", "64 hexadecimal digits")
        }
        return ModelManifest(
            name: name, folder: folder, description: try yaml.text("description") ?? "", weights: weights,
            sha256: sha256.lowercased(), inputSize: try inputSize(yaml), preprocessing: try preprocessing(yaml),
            classes: try yaml.texts("classes") ?? [], dataset: try yaml.text("dataset"),
            source: try yaml.requiredText("source"), licence: try yaml.requiredText("licence"))
    }

    private static func inputSize(_ yaml: YAMLMapping) throws(ConfigurationError) -> [Int]? {
        guard let size = try yaml.integers("input", in: 1...16384) else { return nil }
        guard size.count == 2 else { throw yaml.wrong("input", "[height, width]") }
        return size
    }

    private static func preprocessing(_ yaml: YAMLMapping) throws(ConfigurationError) -> Preprocessing {
        let allowed: Set = ["resize", "crop", "mean", "deviation", "interpolation", "orientation"]
        guard let entry = try yaml.mapping("preprocessing", allowed: allowed) else { return .imageNet }
        var value = Preprocessing.imageNet
        value.resize = try entry.integer("resize", in: 1...16384).map { .shorterSide($0) }
        value.crop = try entry.integer("crop", in: 1...16384)
        if let mean = try entry.numbers("mean") {
            guard mean.count == 3 else { throw entry.wrong("mean", "three numbers") }
            value.mean = mean.map(Float.init)
        }
        if let deviation = try entry.numbers("deviation") {
            guard deviation.count == 3, deviation.allSatisfy({ $0 > 0 }) else {
                throw entry.wrong("deviation", "three numbers above 0")
            }
            value.deviation = deviation.map(Float.init)
        }
        if let name = try entry.text("interpolation") {
            guard let interpolation = Interpolation(rawValue: name) else {
                throw entry.wrong("interpolation", Interpolation.allCases.map(\.rawValue).joined(separator: ", "))
            }
            value.interpolation = interpolation
        }
        value.applyOrientation = try entry.flag("orientation") ?? false
        return value
    }
}
