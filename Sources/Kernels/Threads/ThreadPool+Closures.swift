/// Runs a closure over numbered parts on a pool's threads.
private final class Parts: ParallelWork {
    private let body: @Sendable (Int) -> Void

    init(_ body: @escaping @Sendable (Int) -> Void) { self.body = body }

    func run(part: Int, thread: Int) { body(part) }
}

extension ThreadPool {
    /// `body` of every part, which must not depend on which thread runs it.
    package func each(_ parts: Int, _ body: @escaping @Sendable (Int) -> Void) { run(parts, Parts(body)) }

    /// What `body` makes of each part, in their order.
    package func map<Value: Sendable>(_ parts: Int, _ body: @escaping @Sendable (Int) -> Value) -> [Value] {
        nonisolated(unsafe) let results = UnsafeMutablePointer<Value?>.allocate(capacity: parts)
        results.initialize(repeating: nil, count: parts)
        defer {
            results.deinitialize(count: parts)
            results.deallocate()
        }
        each(parts) { results[$0] = body($0) }
        return (0..<parts).compactMap { results[$0] }
    }
}
