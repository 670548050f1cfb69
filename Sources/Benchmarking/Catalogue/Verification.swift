import Foundation
import Tensors

/// The check of the files that manifests name against their SHA-256.
package struct Verification: Sendable {
    package private(set) var checked = 0
    /// A line for each file that is missing or different.
    package private(set) var problems: [String] = []

    package static func run(
        _ locations: Locations, progress: (String) -> Void = { _ in }
    ) throws(ConfigurationError) -> Verification {
        var result = Verification()
        for name in ModelManifest.names(in: locations.models) {
            let manifest = try ModelManifest.read(name, in: locations.models)
            progress(manifest.weightsPath)
            result.check(manifest.weightsPath, against: manifest.sha256)
        }
        for name in DatasetManifest.names(in: locations.datasets) {
            let manifest = try DatasetManifest.read(name, in: locations.datasets)
            guard let checksums = manifest.checksums else { continue }
            progress(manifest.folder)
            try result.check(list: "\(manifest.folder)/\(checksums)", in: manifest.folder)
        }
        return result
    }

    /// Checks the files of a list in the format of `sha256sum`.
    private mutating func check(list: String, in folder: String) throws(ConfigurationError) {
        guard let text = try? String(contentsOfFile: list, encoding: .utf8) else {
            throw .inaccessible(file: list, reason: "cannot be read")
        }
        for (number, line) in text.split(whereSeparator: \.isNewline).enumerated() {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].count == 64 else {
                throw .malformed(
                    file: list, line: number + 1, reason: "a SHA-256, two spaces and a file name are expected")
            }
            check("\(folder)/\(parts[1].drop { $0 == " " || $0 == "*" })", against: String(parts[0]))
        }
    }

    private mutating func check(_ path: String, against expected: String) {
        checked += 1
        guard let digest = try? Digest.sha256(file: path) else {
            problems.append("\(path): cannot be read")
            return
        }
        if digest != expected { problems.append("\(path): its SHA-256 is \(digest), not \(expected)") }
    }
}
