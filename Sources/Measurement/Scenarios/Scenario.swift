/// How queries arrive, as MLPerf names it (Reddi et al., "MLPerf Inference Benchmark", 2020).
package enum Scenario: String, Codable, Sendable, CaseIterable {
    /// One after another.
    case singleStream = "single-stream"
    /// Several at once, again when all are answered.
    case multiStream = "multi-stream"
    /// All there from the start.
    case offline
    /// At random, whether or not the last is answered.
    case server
}

/// What a scenario came to; times are seconds.
package struct ScenarioRecord: Codable, Equatable, Sendable {
    package var name: Scenario
    package var queries: Int
    /// Inferences per query.
    package var inferences: Int
    /// Images per second; for `server` at the highest rate within the bound.
    package var throughput: Double
    /// From when a query was due to its answer; null where there are too few queries.
    @Nullable package var median: Double?
    @Nullable package var p90: Double?
    @Nullable package var p99: Double?
    /// What the server's 99th percentile may be.
    package var latencyBound: Double?
    /// The rates that were tried, in queries per second.
    package var trials: [RateTrial]?

    package init(
        name: Scenario, latencies: [Double], inferences: Int, throughput: Double, latencyBound: Double? = nil,
        trials: [RateTrial]? = nil
    ) {
        let sorted = latencies.sorted()
        (self.name, queries, self.inferences, self.throughput) = (name, latencies.count, inferences, throughput)
        median = sorted.isEmpty ? nil : sorted.quantileOfSorted(0.5)
        p90 = Percentile.p90.value(ofSorted: sorted)
        p99 = Percentile.p99.value(ofSorted: sorted)
        (self.latencyBound, self.trials) = (latencyBound, trials)
    }

    enum CodingKeys: String, CodingKey {
        case name, queries, inferences, throughput, median, p90, p99, trials
        case latencyBound = "latency_bound"
    }
}

package struct RateTrial: Codable, Equatable, Sendable {
    /// Queries per second.
    package var rate: Double
    package var p99: Double
    package var met: Bool
}
