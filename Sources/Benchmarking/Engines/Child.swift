import Subprocess
import Synchronization

/// The inside of an `EngineProcess`: the child's three streams, and the right to kill it.
final class Child: Sendable {
    typealias Running = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

    enum Cause {
        case timedOut
        case violation(String)
        case abandoned
    }

    private struct State {
        /// There while the process may be signalled: from its start until just before it is reaped.
        var running: Running?
        var killed: Cause?
        var errors: [UInt8] = []
    }

    /// Yields the process identifier once; ends without it where the process cannot be started.
    let started: AsyncStream<Int32>
    /// The lines of standard output; ends with it.
    let lines: AsyncStream<[UInt8]>
    private let commands: AsyncStream<String>
    private let startedFeed: AsyncStream<Int32>.Continuation
    private let lineFeed: AsyncStream<[UInt8]>.Continuation
    private let commandFeed: AsyncStream<String>.Continuation
    private let state = Mutex(State())

    private static let longestLine = 1 << 26
    private static let keptErrors = 1 << 13

    init() {
        (started, startedFeed) = AsyncStream.makeStream()
        // A few lines more than were asked for may wait; a child that floods is killed.
        (lines, lineFeed) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(16))
        (commands, commandFeed) = AsyncStream.makeStream()
    }

    var killed: Cause? { state.withLock { $0.killed } }
    var errors: String { state.withLock { String(decoding: $0.errors.suffix(Self.keptErrors), as: UTF8.self) } }

    func send(_ line: String) { commandFeed.yield(line + "\n") }
    func closeInput() { commandFeed.finish() }

    /// The first cause is kept.
    func kill(_ cause: Cause) {
        state.withLock { state in
            if state.killed == nil { state.killed = cause }
            try? state.running?.send(signal: .kill)
        }
    }

    /// Runs the process to its end.
    func run(_ configuration: Configuration) async -> Termination {
        defer {
            startedFeed.finish()
            lineFeed.finish()
            commandFeed.finish()
        }
        do {
            let result = try await Subprocess.run(
                configuration, input: .inputWriter, output: .sequence, error: .sequence
            ) { running in
                state.withLock { $0.running = running }
                startedFeed.yield(running.processIdentifier.value)
                await withTaskGroup { group in
                    group.addTask { await self.readLines(of: running.standardOutput) }
                    group.addTask { await self.keepErrors(of: running.standardError) }
                    group.addTask { await self.writeCommands(to: running.standardInputWriter) }
                }
                // All streams are closed, so it has ended or is about to. Signal 0 does nothing; the kill comes after.
                await running.teardown(using: [
                    .send(signal: Signal(rawValue: 0), allowedDurationToNextStep: .seconds(1))
                ])
                state.withLock { $0.running = nil }
            }
            return switch result.terminationStatus {
            case .exited(let status): .exited(status)
            case .signaled(let signal): .signalled(signal)
            }
        } catch {
            return .unknown("\(error)")
        }
    }

    private func readLines(of output: SubprocessOutputSequence) async {
        defer {
            lineFeed.finish()
            commandFeed.finish()
        }
        var line: [UInt8] = []
        do {
            for try await piece in output {
                let parts = piece.withUnsafeBytes {
                    $0.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
                }
                for (i, part) in parts.enumerated() {
                    line += part
                    guard i + 1 < parts.count else { break }
                    if case .dropped = lineFeed.yield(line) {
                        return kill(.violation("it writes more than it is asked"))
                    }
                    line = []
                }
                if line.count > Self.longestLine { return kill(.violation("a line does not end")) }
            }
        } catch {
            kill(.violation("its output cannot be read: \(error)"))
        }
    }

    private func keepErrors(of output: SubprocessOutputSequence) async {
        do {
            for try await piece in output {
                state.withLock { state in
                    piece.withUnsafeBytes { state.errors += $0 }
                    if state.errors.count > 2 * Self.keptErrors {
                        state.errors.removeFirst(state.errors.count - Self.keptErrors)
                    }
                }
            }
        } catch {
            return  // messages are a help, not a must
        }
    }

    private func writeCommands(to input: StandardInputWriter) async {
        do {
            for await command in commands { _ = try await input.write(command) }
            try await input.finish()
        } catch {
            return  // it does not read any more; that no answer comes says the rest
        }
    }
}
