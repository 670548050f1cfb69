import ArgumentParser
import Benchmarking
import Compression
import Engine
import Foundation
import Images
import Interchange
import Measurement
import Networks
import Reporting
import Training

/// The exit statuses that scripts rely on.
enum ExitStatus: Int32 {
    case done = 0
    case regression = 2
    case caseFailed = 3
    case suspiciousImprovement = 4
    case baselineCaseMissing = 5
    case notComparable = 6
    case inconclusive = 7
    case accuracyBelowGate = 8
    case usage = 64
    case badInput = 65
    case inaccessible = 74
    case interrupted = 130

    /// Prints what went wrong as one line, and ends the process with the status that fits.
    static func end(with error: any Error, in command: any ParsableCommand.Type) -> Never {
        if let status = error as? ExitStatus { Foundation.exit(status.rawValue) }
        if error is CancellationError { Foundation.exit(interrupted.rawValue) }
        guard let status = status(of: error) else { command.exit(withError: error) }
        Terminal.note("error: \(String(describing: error).split(whereSeparator: \.isNewline).joined(separator: " "))")
        Foundation.exit(status.rawValue)
    }

    private static func status(of error: any Error) -> ExitStatus? {
        switch error {
        case let error as UserError: error.status
        case CheckpointError.inaccessible, NetworkError.checkpoint(.inaccessible), ConfigurationError.inaccessible,
            ConfigurationError.absent,
            ImageError.inaccessible, MeasurementError.inaccessible, TrainingError.image(.inaccessible),
            TrainingError.checkpoint(.inaccessible):
            .inaccessible
        case CompressionError.interrupted: .interrupted
        case ConfigurationError.unknown, NetworkError.unknownName, CompressionError.invalid,
            CompressionError.unknownLayer, TrainingError.invalid:
            .usage
        case is CheckpointError, is ConfigurationError, is CompressionError, is ImageError, is NetworkError,
            is EngineError,
            is EvaluationError, is MeasurementError, is ReportingError, is TrainingError:
            .badInput
        case is CocoaError: .inaccessible
        default: nil
        }
    }
}

extension ExitStatus: Error {}

/// An error of the command line itself.
struct UserError: Error, CustomStringConvertible {
    let status: ExitStatus
    let description: String

    static func usage(_ text: String) -> UserError { UserError(status: .usage, description: text) }
    static func badInput(_ text: String) -> UserError { UserError(status: .badInput, description: text) }
    static func inaccessible(_ text: String) -> UserError { UserError(status: .inaccessible, description: text) }
}
