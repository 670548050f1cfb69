/// Why a results file or a fact of the machine could not be had; its text is one line that names the file.
package enum MeasurementError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file or folder cannot be opened, read or written.
    case inaccessible(file: String, reason: String)
    /// The file is not what it should be.
    case malformed(file: String, reason: String)

    package var description: String {
        switch self {
        case .inaccessible(let file, let reason), .malformed(let file, let reason): "\(file): \(reason)"
        }
    }
}
