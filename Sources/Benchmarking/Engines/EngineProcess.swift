import Foundation
import Subprocess

/// A child process that answers each line that it is sent with one line.
///
/// The child is killed when the task that waits for it is cancelled, when it breaks the protocol, and when the last
/// reference to this object goes; to end it well, call `finish`.
package final class EngineProcess: Sendable {
    package let engine: String
    /// Of the process, for as long as it has not ended.
    package let identifier: Int32
    private let child: Child
    private let run: Task<Termination, Never>

    /// Starts a process, hands it to `body`, and ends it: well after `body` returned, by force after it threw.
    package static func with<Result>(
        engine: String? = nil, executable: String, arguments: [String] = [], environment: [String: String] = [:],
        body: (EngineProcess) async throws -> Result
    ) async throws -> Result {
        let process = try await start(
            engine: engine, executable: executable, arguments: arguments, environment: environment)
        do {
            let result = try await body(process)
            await process.finish()
            return result
        } catch {
            process.child.kill(.abandoned)
            await process.finish()
            throw error
        }
    }

    /// Starts `executable`, a path or a name to look up in `PATH`, with `environment` on top of this process' own.
    ///
    /// - Parameter engine: what error messages call it; nil: the executable's name.
    /// - Throws: `EngineProcessError.notStarted`, or `CancellationError`.
    package static func start(
        engine: String? = nil, executable: String, arguments: [String] = [], environment: [String: String] = [:]
    ) async throws -> EngineProcess {
        _ = ignoreBrokenPipes
        let engine = engine ?? executable.split(separator: "/").last.map(String.init) ?? executable
        let child = Child()
        // Ctrl-C is for this process alone, which then ends the child as it should be.
        var platform = PlatformOptions()
        platform.processGroupID = 0
        let run = Task {
            await child.run(
                Configuration(
                    executable: executable.contains("/") ? .path(.init(executable)) : .name(executable),
                    arguments: Arguments(arguments),
                    environment: .inherit.updating(
                        [Environment.Key: String?](
                            uniqueKeysWithValues: environment.map { (.init(stringLiteral: $0), $1) })),
                    platformOptions: platform))
        }
        var started = child.started.makeAsyncIterator()
        guard let identifier = await started.next() else {
            run.cancel()
            let reason = await run.value
            try Task.checkCancellation()
            throw EngineProcessError.notStarted(engine: engine, reason: "\(reason)")
        }
        return EngineProcess(engine: engine, identifier: identifier, child: child, run: run)
    }

    private init(engine: String, identifier: Int32, child: Child, run: Task<Termination, Never>) {
        self.engine = engine
        self.identifier = identifier
        self.child = child
        self.run = run
    }

    deinit { child.kill(.abandoned) }

    /// Sends a line, where one is given, and waits for the next line of the child's standard output. One at a time.
    ///
    /// - Parameter timeout: in seconds.
    /// - Returns: the line's bytes without its end.
    /// - Throws: `EngineProcessError`, or `CancellationError`; the child is dead then.
    package func answer(to line: String? = nil, timeout: Double) async throws -> [UInt8] {
        if let line { child.send(line) }
        let deadline = Task { [child] in
            try await Task.sleep(for: .seconds(min(timeout, 1e9)))
            child.kill(.timedOut)
        }
        defer { deadline.cancel() }
        var lines = child.lines.makeAsyncIterator()
        if let line = await lines.next() { return line }
        // None will come: time is up, this task is cancelled, or the child closed its output, most often by its death.
        let termination = await finish()
        try Task.checkCancellation()
        // On a busy machine a deadline can strike a child that has long ended by itself.
        if case .exited = termination, case .timedOut = child.killed {
            throw EngineProcessError.ended(engine: engine, termination, errors: errors)
        }
        switch child.killed {
        case .timedOut: throw EngineProcessError.timedOut(engine: engine, after: timeout, errors: errors)
        case .violation(let reason): throw EngineProcessError.malformed(engine: engine, reason: reason)
        case .abandoned, nil: throw EngineProcessError.ended(engine: engine, termination, errors: errors)
        }
    }

    /// Closes the child's standard input, which tells it to end, and waits; kills it when it takes longer than `grace`
    /// seconds, or when the waiting task is cancelled.
    @discardableResult
    package func finish(within grace: Double = 5) async -> Termination {
        child.closeInput()
        let deadline = Task { [child] in
            try await Task.sleep(for: .seconds(grace))
            child.kill(.abandoned)
        }
        defer { deadline.cancel() }
        return await withTaskCancellationHandler {
            await run.value
        } onCancel: {
            child.kill(.abandoned)
        }
    }

    /// Kills the child for a reason that the next question reports.
    package func reject(_ reason: String) async -> EngineProcessError {
        child.kill(.violation(reason))
        await finish()
        return .malformed(engine: engine, reason: reason)
    }

    /// The last few kilobytes that the child wrote to its standard error.
    package var errors: String { child.errors }

    /// A child that has ended is noticed by what its pipe answers, not by a signal that ends this process.
    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
