/// Seconds per inference of a whole batch. Every sample is kept: outliers are counted, never dropped.
package struct LatencyRecord: Codable, Equatable, Sendable {
    /// In the order taken, process after process.
    package var samples: [Double]
    package var median: Double
    package var mean: Double
    /// Null below 64 samples.
    @Nullable package var p90: Double?
    /// Null below 662 samples.
    @Nullable package var p99: Double?
    /// Null below 6,636 samples.
    @Nullable package var p999: Double?
    package var min: Double
    package var max: Double
    /// Of the median; null below 6 samples.
    @Nullable package var ci95: Interval?
    /// Inferences before the first sample, of all processes together.
    package var warmup: Int?
    package var warmupSeconds: Double?
    /// False when the warm-up reached its bounds before the times were steady.
    package var steady: Bool?
    /// How `samples` divides among processes; one block of all samples where it is absent.
    package var blocks: [BlockRecord]?
    package var stopReason: StopReason?
    package var outliers: OutliersRecord?
    /// Standard deviation of the samples.
    package var deviation: Double?
    /// Median absolute deviation of the samples from their median, which outliers do not move.
    package var medianAbsoluteDeviation: Double?

    /// Summarizes the samples of one or more processes. There must be at least one sample.
    package init(processes: [[Double]], warmup: Int, stopReason: StopReason? = nil) {
        samples = processes.flatMap { $0 }
        let sorted = samples.sorted()
        median = sorted.quantileOfSorted(0.5)
        mean = samples.mean
        p90 = Percentile.p90.value(ofSorted: sorted)
        p99 = Percentile.p99.value(ofSorted: sorted)
        p999 = Percentile.p999.value(ofSorted: sorted)
        min = sorted[0]
        max = sorted[sorted.count - 1]
        ci95 = MedianInterval.of(sorted: sorted)
        self.warmup = warmup
        blocks = processes.enumerated().map { BlockRecord(process: $0.offset, count: $0.element.count) }
        self.stopReason = stopReason
        outliers = OutliersRecord(samples: samples)
        deviation = samples.standardDeviation
        medianAbsoluteDeviation = samples.medianAbsoluteDeviation
    }

    /// The samples of each process.
    package var processes: [ArraySlice<Double>] {
        guard let blocks else { return [samples[...]] }
        var start = 0
        return blocks.map { block in
            defer { start += block.count }
            return samples[start..<start + block.count]
        }
    }

    enum CodingKeys: String, CodingKey {
        case samples, median, mean, p90, p99, min, max, ci95, warmup, steady, blocks, outliers, deviation
        case p999 = "p99_9"
        case warmupSeconds = "warmup_seconds"
        case stopReason = "stop_reason"
        case medianAbsoluteDeviation = "median_absolute_deviation"
    }
}

/// The next `count` samples came from process number `process` of the case.
package struct BlockRecord: Codable, Equatable, Sendable {
    package var process: Int
    package var count: Int

    package init(process: Int, count: Int) {
        self.process = process
        self.count = count
    }
}

/// Why sampling ended.
package enum StopReason: String, Codable, Sendable {
    /// The median's interval is as narrow as asked for.
    case precise
    case maximumSeconds = "maximum_seconds"
    case maximumSamples = "maximum_samples"
    case interrupted
}

/// Samples outside Tukey's fences, 1.5 (mild) and 3 (severe) interquartile ranges beyond the quartiles.
package struct OutliersRecord: Codable, Equatable, Sendable {
    package var mild: Int
    package var severe: Int
    /// Of both kinds, in `samples`.
    package var indices: [Int]

    package init(samples: [Double]) {
        let fences = TukeyFences(samples)
        let kinds = samples.map(fences.classify)
        mild = kinds.count { $0 == .mild }
        severe = kinds.count { $0 == .severe }
        indices = kinds.indices.filter { kinds[$0] != .inside }
    }
}

/// A closed interval, written as [low, high].
package struct Interval: Codable, Equatable, Sendable {
    package var low: Double
    package var high: Double

    package init(_ low: Double, _ high: Double) {
        self.low = low
        self.high = high
    }

    package init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        low = try container.decode(Double.self)
        high = try container.decode(Double.self)
        guard container.isAtEnd else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "an interval has two ends")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(low)
        try container.encode(high)
    }

    package func contains(_ value: Double) -> Bool { low <= value && value <= high }
}
