/// What `datasets/<name>/manifest.yaml` says about a data set, whose images may have to be fetched first.
package struct DatasetManifest: Sendable {
    package let name: String
    package let folder: String
    package let description: String
    package let source: String
    package let licence: String
    /// How to get the images and lay them out, where they do not ship.
    package let obtain: String
    /// A file in the format of `sha256sum`, where the images ship.
    package let checksums: String?

    package static func names(in datasets: [String]) -> [String] { Locations.withManifest(in: datasets) }

    package static func read(_ name: String, in datasets: [String]) throws(ConfigurationError) -> DatasetManifest {
        guard let path = Locations.first("\(name)/manifest.yaml", in: datasets) else {
            throw .unknown(kind: "data set", name: name, known: names(in: datasets))
        }
        let yaml = try YAMLMapping.read(
            path, allowed: ["name", "description", "source", "licence", "obtain", "checksums"])
        guard try yaml.requiredText("name") == name else { throw yaml.wrong("name", "the folder's name, \(name)") }
        return DatasetManifest(
            name: name, folder: String(path.dropLast("/manifest.yaml".count)),
            description: try yaml.requiredText("description"), source: try yaml.requiredText("source"),
            licence: try yaml.requiredText("licence"),
            obtain: try yaml.text("obtain") ?? "see \(path)", checksums: try yaml.text("checksums"))
    }
}
