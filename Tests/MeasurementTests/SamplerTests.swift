import Foundation
import Measurement
import Testing

/// A clock that moves only when it is told to.
private final class FakeClock: NanosecondClock {
    var time: UInt64 = 1_000
    func now() -> UInt64 { time }
}

@Suite struct SamplerTests {
    @Test func warmsUpUntilTimesAreSteady() {
        var rule = WarmupRule()
        rule.window = 2
        // Medians of pairs (the larger one): 400, 200, 101, 100, 100; the last three lie within 1 %.
        let times: [UInt64] = [400, 300, 200, 150, 101, 100, 100, 100, 100, 100]
        let decisions = times.map { rule.add($0) }
        #expect(decisions.dropLast().allSatisfy { $0 == .continue })
        #expect(decisions.last == .steady)
    }

    @Test func doesNotTakeDriftForSteadiness() {
        var rule = WarmupRule()
        (rule.window, rule.spread, rule.drift) = (1, 0.05, 0.02)
        // Each three medians lie within 5 %, but time falls by 2 % a step.
        var time = 1_000_000.0
        for _ in 0..<100 {
            #expect(rule.add(UInt64(time)) == .continue)
            time *= 0.98
        }
    }

    @Test func boundsTheWarmup() {
        var byCount = WarmupRule()
        byCount.maximumCount = 5
        #expect([1, 9, 2, 8, 3].map { byCount.add($0) }.last == .bounded)
        var byTime = WarmupRule()
        byTime.maximumSeconds = 1
        #expect(byTime.add(600_000_000) == .continue)
        #expect(byTime.add(400_000_000) == .bounded)
    }

    @Test func stopsWhenTheMedianIsPrecise() {
        var rule = StopRule()
        (rule.minimumSamples, rule.relativeHalfWidth) = (10, 0.01)
        let samples = (0..<30).map { UInt64(1_000 + $0 % 5) }
        #expect(rule.check(Array(samples[..<9]), elapsed: 0) == nil)
        #expect(rule.check(Array(samples[..<10]), elapsed: 0) == .precise)
    }

    @Test func stopsAtItsBounds() {
        var rule = StopRule()
        (rule.maximumSamples, rule.maximumSeconds, rule.relativeHalfWidth) = (20, 2, 0.001)
        let samples = (0..<20).map { UInt64(1_000 + 400 * ($0 % 2)) }
        #expect(rule.check(Array(samples[..<19]), elapsed: 1_999_999_999) == nil)
        #expect(rule.check(Array(samples[..<19]), elapsed: 2_000_000_000) == .maximumSeconds)
        #expect(rule.check(samples, elapsed: 0) == .maximumSamples)
        #expect(rule.check([], elapsed: .max) == nil)
    }

    @Test func separatesWarmupFromSamples() {
        let clock = FakeClock()
        var calls = 0
        let samples = Sampler(clock: clock).run {
            calls += 1
            clock.time += calls <= 4 ? 9_000 : 1_000 + UInt64(calls % 3)
        }
        #expect(samples.warmup.prefix(4) == [9_000, 9_000, 9_000, 9_000])
        #expect(samples.steady)
        #expect(samples.stopReason == .precise)
        #expect(samples.nanoseconds.count == 10)
        #expect(samples.nanoseconds.allSatisfy { (1_000...1_002).contains($0) })
        #expect(calls == samples.warmup.count + samples.nanoseconds.count)
    }

    @Test func saysWhenItNeverBecameSteady() {
        let clock = FakeClock()
        var stop = StopRule()
        stop.maximumSeconds = 0.001
        var time: UInt64 = 1_000
        let samples = Sampler(clock: clock, stop: stop).run {
            time += 1_000
            clock.time += time
        }
        #expect(!samples.steady)
        #expect(samples.stopReason == .maximumSeconds)
    }

    @Test func rethrowsAndStopsWhenAsked() throws {
        struct Failure: Error {}
        #expect(throws: Failure.self) { try Sampler().run { throw Failure() } }
        var calls = 0
        let samples = Sampler(clock: FakeClock()).run(isInterrupted: { calls == 17 }, { calls += 1 })
        #expect(samples.stopReason == .interrupted)
        #expect(samples.warmup.count + samples.nanoseconds.count == 17)
    }

    @Test func joinsProcesses() {
        var (one, two) = (Samples(), Samples())
        (one.nanoseconds, one.warmup, one.steady, one.stopReason) = ([1_000, 3_000], [9_000], true, .precise)
        (two.nanoseconds, two.warmup, two.steady, two.stopReason) = ([2_000], [5_000, 6_000], false, .maximumSeconds)
        let latency = LatencyRecord([one, two])
        #expect(latency.samples == [1e-6, 3e-6, 2e-6])
        #expect(latency.processes == [[1e-6, 3e-6], [2e-6]])
        #expect((latency.warmup, latency.warmupSeconds, latency.steady) == (3, 20e-6, false))
        #expect(latency.stopReason == .maximumSeconds)
    }

    @Test func measuresRealTimeAndUse() {
        let clock = MonotonicClock()
        let (start, before) = (clock.now(), ProcessUsage.current())
        var sum = 0.0
        repeat { sum += sin(sum) + 1 } while clock.now() - start < 20_000_000
        let used = ProcessUsage.current() - before
        #expect(sum > 0)
        #expect(used.cpuSeconds > 0)
        #expect(used.contextSwitches.involuntary >= 0)
    }

    #if os(Linux)
    @Test func seesThePeakOfAPhase() throws {
        let size = 64 << 20
        try #require(ProcessMemory.resetPeak())
        let before = try #require(ProcessMemory.peak())
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4_096)
        memset(block, 1, size)
        let during = try #require(ProcessMemory.peak())
        block.deallocate()
        // Other tests give memory back meanwhile.
        #expect(during - before > size / 2)
        #expect(try #require(ProcessMemory.resident()) > 0)
    }
    #endif
}
