import Foundation

/// Named copies of results files, in the folder `baselines` of the store.
extension ResultsStore {
    /// Copies a results file, which must be sound, in place of what has the name now; gives the copy's path.
    package func saveBaseline(_ name: String, from path: String) throws(MeasurementError) -> String {
        let results = try Self.read(path)
        let target = try baselinePath(name)
        try AtomicFile.write(try ResultsCoding.encode(results), to: target, replacing: true)
        return target
    }

    /// The names that exist, sorted; none when there is no such folder.
    package func baselines() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: baselineFolder)) ?? []
        return names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// The file that a user means: a path, or the name of a baseline.
    package func resolve(_ argument: String) throws(MeasurementError) -> String {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder), !isFolder.boolValue {
            return argument
        }
        guard !argument.contains("/"), let path = try? baselinePath(argument),
            FileManager.default.fileExists(atPath: path)
        else {
            throw .inaccessible(file: argument, reason: "is neither a results file nor the name of a baseline")
        }
        return path
    }

    private var baselineFolder: String { (folder as NSString).appendingPathComponent("baselines") }

    private func baselinePath(_ name: String) throws(MeasurementError) -> String {
        let allowed = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "-._".contains($0) }
        guard allowed, !name.isEmpty, !name.hasPrefix("."), name.count <= 100 else {
            throw .malformed(file: name, reason: "a baseline's name has letters, digits, '.', '_' and '-' only")
        }
        return (baselineFolder as NSString).appendingPathComponent(name + ".json")
    }
}
