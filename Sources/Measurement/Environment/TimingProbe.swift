/// Finds out by trying how evenly this machine runs: the same piece of arithmetic, timed over and over.
package enum TimingProbe {
    /// Takes about `seconds` on one core.
    package static func checks(seconds: Double = 0.5) -> [Doctor.Check] {
        [clock(), overhead, evenness(seconds)]
    }

    private static func clock() -> Doctor.Check {
        let clock = MonotonicClock()
        var smallest = UInt64.max
        for _ in 0..<1_000 {
            let start = clock.now()
            smallest = min(smallest, max(1, clock.now() - start))
        }
        return Doctor.Check(
            "clock", smallest < 1_000 ? .pass : .warn, "reading the clock takes \(smallest) ns",
            advice: "samples below a few microseconds are not to be trusted")
    }

    private static var overhead: Doctor.Check {
        let nanoseconds = TimedLoop.overhead()
        return Doctor.Check(
            "overhead", nanoseconds < 1_000 ? .pass : .warn,
            "a sample of nothing takes \(Int(nanoseconds)) ns",
            advice: "samples below a tenth of a millisecond are longer than what they measure")
    }

    private static func evenness(_ seconds: Double) -> Doctor.Check {
        var warmup = WarmupRule()
        warmup.maximumSeconds = seconds / 4
        var stop = StopRule()
        stop.relativeHalfWidth = 0
        stop.maximumSeconds = seconds
        var state: UInt64 = 1
        let samples = Sampler(warmup: warmup, stop: stop).run {
            for _ in 0..<200_000 { state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
        }
        return evenness(of: samples.seconds, sink: state)
    }

    /// `sink` keeps the arithmetic from being optimized away.
    private static func evenness(of seconds: [Double], sink: UInt64) -> Doctor.Check {
        let sorted = seconds.sorted()
        let excess = sorted.quantileOfSorted(0.9) / sorted.quantileOfSorted(0.5) - 1
        return Doctor.Check(
            "evenness", excess < 0.02 ? .pass : excess < 0.15 || sink == 0 ? .warn : .fail,
            "one run in ten of the same arithmetic takes \(Format.percent(excess)) longer than the middle one",
            advice: "something else uses this core, or its clock rate changes")
    }
}
