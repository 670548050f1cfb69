import Dispatch
import Foundation
import Synchronization

private let isInterrupted = Atomic<Bool>(false)

/// Runs `body` in a task that SIGINT and SIGTERM cancel.
///
/// The handler only sets a flag that a timer looks at: a dispatch source for signals would lose those that arrive at
/// threads which do not block them, such as OpenBLAS's own.
func interruptible<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let task = Task { try await body() }
    isInterrupted.store(false, ordering: .relaxed)
    let signals = [SIGINT, SIGTERM]
    for number in signals { signal(number) { _ in isInterrupted.store(true, ordering: .relaxed) } }
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now(), repeating: .milliseconds(50))
    timer.setEventHandler { if isInterrupted.load(ordering: .relaxed) { task.cancel() } }
    timer.resume()
    defer {
        timer.cancel()
        for number in signals { signal(number, SIG_DFL) }
    }
    return try await task.value
}
