/// Why a manifest or suite cannot be used; its text is one line that names the file, and the line where there is one.
package enum ConfigurationError: Error, CustomStringConvertible {
    /// The file is missing or cannot be read.
    case inaccessible(file: String, reason: String)
    /// The file's content is wrong.
    case malformed(file: String, line: Int?, reason: String)
    /// The data set is known, but its images have to be fetched first; `obtain` says how.
    case absent(dataset: String, obtain: String)
    /// There is nothing of that name; `known` are those that exist.
    case unknown(kind: String, name: String, known: [String])

    /// Whether only images are missing.
    var isAbsence: Bool {
        if case .absent = self { true } else { false }
    }

    package var description: String {
        switch self {
        case .inaccessible(let file, let reason): "\(file): \(reason)"
        case .malformed(let file, let line?, let reason): "\(file):\(line): \(reason)"
        case .malformed(let file, nil, let reason): "\(file): \(reason)"
        case .absent(let dataset, let obtain): "dataset absent: \(dataset); \(obtain)"
        case .unknown(let kind, let name, let known):
            known.isEmpty
                ? "no \(kind) is called '\(name)', and none was found"
                : "no \(kind) is called '\(name)'; there are: \(known.joined(separator: ", "))"
        }
    }
}
