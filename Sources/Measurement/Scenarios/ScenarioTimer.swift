import Foundation

/// Plays a scenario with a workload, which is one inference.
package struct ScenarioTimer<Clock: NanosecondClock> {
    /// Of a multi-stream query, as MLPerf has it.
    package static var streams: Int { 8 }
    /// As many as a 99th percentile needs.
    static var serverQueries: Int { 662 }
    private static var rateSteps: Int { 6 }

    /// Ten inferences, but at least the 15 ms that MLPerf allows for images: a shorter one tests the scheduler.
    static func bound(service: Double) -> Double { max(10 * service, 0.015) }

    private let clock: Clock
    private let seed: UInt64
    private let images: Int

    /// - Parameter images: per inference.
    package init(clock: Clock = MonotonicClock(), seed: UInt64, images: Int) {
        (self.clock, self.seed, self.images) = (clock, seed, images)
    }

    /// - Parameters:
    ///   - seconds: how long to go on; a server trial takes as long as its queries do.
    ///   - latencyBound: of the server, in seconds; nil: `bound(service:)`.
    package func play(
        _ scenario: Scenario, seconds: Double, latencyBound: Double? = nil, _ workload: () -> Void
    ) -> ScenarioRecord {
        switch scenario {
        case .singleStream: stream(scenario, inferences: 1, seconds, workload)
        case .multiStream: stream(scenario, inferences: Self.streams, seconds, workload)
        case .offline: offline(seconds, workload)
        case .server: server(latencyBound, workload)
        }
    }

    private func stream(
        _ scenario: Scenario, inferences: Int, _ seconds: Double, _ workload: () -> Void
    ) -> ScenarioRecord {
        var latencies: [Double] = []
        let start = clock.now()
        repeat {
            let before = clock.now()
            for _ in 0..<inferences { workload() }
            latencies.append(time(since: before))
        } while time(since: start) < seconds
        return ScenarioRecord(
            name: scenario, latencies: latencies, inferences: inferences,
            throughput: Double(latencies.count * inferences * images) / max(time(since: start), 1e-9))
    }

    private func offline(_ seconds: Double, _ workload: () -> Void) -> ScenarioRecord {
        var count = 0
        let start = clock.now()
        repeat {
            workload()
            count += 1
        } while time(since: start) < seconds
        let total = time(since: start)
        return ScenarioRecord(
            name: .offline, latencies: [total], inferences: count,
            throughput: Double(count * images) / max(total, 1e-9))
    }

    /// Halves the range of rates that holds the highest one within the bound.
    private func server(_ bound: Double?, _ workload: () -> Void) -> ScenarioRecord {
        var services: [Double] = []
        for _ in 0..<21 {
            let before = clock.now()
            workload()
            services.append(time(since: before))
        }
        let service = max(services.median, 1e-9)
        let bound = bound ?? Self.bound(service: service)
        var (low, high) = (0.0, 1 / service)
        var best: [Double] = []
        var trials: [RateTrial] = []
        for _ in 0..<Self.rateSteps {
            let rate = (low + high) / 2
            let latencies = arrivals(rate: rate, count: Self.serverQueries, workload)
            let p99 = Percentile.p99.value(ofSorted: latencies.sorted()) ?? .infinity
            trials.append(RateTrial(rate: rate, p99: p99, met: p99 <= bound))
            if p99 <= bound { (low, best) = (rate, latencies) } else { high = rate }
        }
        return ScenarioRecord(
            name: .server, latencies: best, inferences: 1, throughput: low * Double(images), latencyBound: bound,
            trials: trials)
    }

    /// Latencies of queries that come as a seeded Poisson process, each from the moment it was due, so that waiting for
    /// those before it counts.
    func arrivals(rate: Double, count: Int, _ workload: () -> Void) -> [Double] {
        var generator = SplitMix64(seed: seed)
        let start = clock.now()
        var due = 0.0
        return (0..<count).map { _ in
            due -= log(1 - generator.uniform()) / rate
            // A sleep would wake up late.
            while time(since: start) < due {}
            workload()
            return time(since: start) - due
        }
    }

    private func time(since start: UInt64) -> Double { Double(clock.now() - start) * 1e-9 }
}
