/// Times a workload until its rules are satisfied. The loop allocates nothing, so that what is measured is the workload.
package struct Sampler<Clock: NanosecondClock> {
    private let clock: Clock
    private let warmup: WarmupRule
    private let stop: StopRule

    package init(clock: Clock = MonotonicClock(), warmup: WarmupRule = WarmupRule(), stop: StopRule = StopRule()) {
        self.clock = clock
        self.warmup = warmup
        self.stop = stop
    }

    /// Warms up and takes samples in this process; rethrows what the workload throws.
    /// - Parameter isInterrupted: asked between inferences; when true, what was taken so far is given.
    package func run<Failure: Error>(
        isInterrupted: () -> Bool = { false }, _ workload: () throws(Failure) -> Void
    ) throws(Failure) -> Samples {
        var (warmup, stop) = (warmup, stop)
        warmup.prepare()
        stop.prepare()
        var result = Samples()
        result.warmup.reserveCapacity(min(warmup.maximumCount, 1 << 20))
        result.nanoseconds.reserveCapacity(stop.reserve)

        var decision = WarmupRule.Decision.continue
        while decision == .continue, !isInterrupted() {
            let time = try timed(workload)
            result.warmup.append(time)
            decision = warmup.add(time)
        }
        result.steady = decision == .steady

        let start = clock.now()
        while true {
            if isInterrupted() {
                result.stopReason = .interrupted
                return result
            }
            result.nanoseconds.append(try timed(workload))
            if let reason = stop.check(result.nanoseconds, elapsed: clock.now() - start) {
                result.stopReason = reason
                return result
            }
        }
    }

    @inline(__always)
    private func timed<Failure: Error>(_ workload: () throws(Failure) -> Void) throws(Failure) -> UInt64 {
        let start = clock.now()
        try workload()
        // A clock may be coarser than the workload is long; no time is zero.
        return max(1, clock.now() - start)
    }
}

/// What one process measured.
package struct Samples: Codable, Equatable, Sendable {
    package var nanoseconds: [UInt64] = []
    /// Nanoseconds of the inferences before, the first one first.
    package var warmup: [UInt64] = []
    /// Whether the times were steady when sampling began.
    package var steady = false
    package var stopReason = StopReason.interrupted

    package init() {}

    package var seconds: [Double] { nanoseconds.map { Double($0) / 1e9 } }
    package var warmupNanoseconds: UInt64 { warmup.reduce(0, +) }
}

extension LatencyRecord {
    /// Summarizes what several processes measured of one case. There must be at least one sample.
    package init(_ processes: [Samples]) {
        let reasons = processes.map(\.stopReason)
        self.init(
            processes: processes.map(\.seconds), warmup: processes.reduce(0) { $0 + $1.warmup.count },
            stopReason: reasons.contains(.interrupted) ? .interrupted : reasons.first { $0 != .precise } ?? .precise)
        warmupSeconds = Double(processes.reduce(0) { $0 + $1.warmupNanoseconds }) / 1e9
        steady = processes.allSatisfy(\.steady)
    }
}
