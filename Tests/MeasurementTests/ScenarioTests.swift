import Measurement
import Testing

@Suite struct ScenarioTests {
    /// Each look takes a tenth of a microsecond, and the workload moves it on.
    private final class FakeClock: NanosecondClock {
        var time: UInt64 = 0

        func now() -> UInt64 {
            time += 100
            return time
        }
    }

    /// A workload of exactly a millisecond.
    private func play(_ scenario: Scenario, bound: Double? = nil) -> ScenarioRecord {
        let clock = FakeClock()
        return ScenarioTimer(clock: clock, seed: 3, images: 2)
            .play(scenario, seconds: 1, latencyBound: bound) { clock.time += 1_000_000 }
    }

    @Test func streams() throws {
        let single = play(.singleStream)
        let median = try #require(single.median)
        #expect(abs(single.throughput - 2_000) < 5 && abs(median - 1e-3) < 1.1e-6)
        let multi = play(.multiStream)
        let query = try #require(multi.median)
        #expect(multi.inferences == 8 && abs(query - 8e-3) < 1.1e-6)
        #expect(multi.p99 == nil && multi.p90 != nil)
        let offline = play(.offline)
        #expect(offline.queries == 1 && abs(offline.throughput - 2_000) < 5)
    }

    /// Of a queue with Poisson arrivals and constant service (M/D/1): the 99th percentile of the time in it is below 10
    /// services up to a load of about 0.8, and below 2 services up to about 0.1 to 0.4.
    @Test func serverFindsTheRate() throws {
        let wide = play(.server, bound: 0.01)
        #expect((0.6...0.95).contains(wide.throughput / 2_000), "\(wide)")
        let narrow = play(.server, bound: 0.002)
        #expect((0.05...0.4).contains(narrow.throughput / 2_000), "\(narrow)")
        #expect(try #require(narrow.p99) <= 0.002)
        let trials = try #require(narrow.trials)
        #expect(trials.allSatisfy { $0.met == ($0.p99 <= 0.002) })
        #expect(play(.server, bound: 0.000_5).throughput == 0)
    }

    /// A query that is late because of those before it is late by the time they took.
    @Test func latencyCountsFromWhenAQueryWasDue() throws {
        let record = play(.server, bound: 0.000_1)
        let slowest = try #require(record.trials).map(\.p99)
        #expect(slowest[0] > slowest[3], "\(slowest)")
    }
}
