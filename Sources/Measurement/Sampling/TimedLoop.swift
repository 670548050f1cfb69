/// The loop that takes every sample of a case.
package enum TimedLoop {
    /// The nanoseconds of each of `count` calls of `body`, which is given the call's number. Nothing is allocated
    /// between the first call and the last but what `body` allocates.
    package static func run(
        count: Int, clock: MonotonicClock = MonotonicClock(), _ body: (Int) -> Void
    ) -> [UInt64] {
        var times = [UInt64](repeating: 0, count: count)
        times.withUnsafeMutableBufferPointer { times in
            for index in 0..<count {
                let start = clock.now()
                body(index)
                times[index] = clock.now() - start
            }
        }
        return times
    }

    /// What every sample is too long by: the median nanoseconds of a sample of nothing.
    package static func overhead() -> Double {
        run(count: 1_001) { _ in }.map { Double($0) }.median
    }
}
