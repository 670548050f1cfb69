/// Why an engine's process gave no usable answer; its text is one line that names the engine.
package enum EngineProcessError: Error, CustomStringConvertible {
    case notStarted(engine: String, reason: String)
    /// The process ended before it answered; `errors` is the tail of what it wrote to standard error.
    case ended(engine: String, Termination, errors: String)
    /// No answer came in time, and the process was killed.
    case timedOut(engine: String, after: Double, errors: String)
    /// What came is not an answer, and the process was killed.
    case malformed(engine: String, reason: String)
    /// The engine answered that it cannot do what was asked; it goes on.
    case refused(engine: String, reason: String)

    package var description: String {
        switch self {
        case .notStarted(let engine, let reason): "engine \(engine) cannot be started: \(reason)"
        case .ended(let engine, let termination, let errors):
            "engine \(engine) ended before it answered (\(termination))\(Self.lastLine(errors))"
        case .timedOut(let engine, let limit, let errors):
            "engine \(engine) gave no answer within \(limit) seconds\(Self.lastLine(errors))"
        case .malformed(let engine, let reason): "engine \(engine) broke the protocol: \(reason)"
        case .refused(let engine, let reason): "engine \(engine): \(reason)"
        }
    }

    private static func lastLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).last { $0.contains { !$0.isWhitespace } }.map { ": \($0)" } ?? ""
    }
}

/// How a process ended.
package enum Termination: Sendable, Equatable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)
    /// How is not known, because watching it failed.
    case unknown(String)

    package var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .signalled(let signal): "signal \(signal)"
        case .unknown(let reason): reason
        }
    }
}
