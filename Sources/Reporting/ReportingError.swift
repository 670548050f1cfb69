/// Why results cannot be shown in a format; its text is one line.
package enum ReportingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The format has no way to say that nothing was measured.
    case nothingMeasured(format: String)
    /// A value that the format cannot hold.
    case unwritable(reason: String)

    package var description: String {
        switch self {
        case .nothingMeasured(let format): "no case has samples, and \(format) cannot say so"
        case .unwritable(let reason): "cannot be exported: \(reason)"
        }
    }
}
