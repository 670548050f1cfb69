import Measurement

extension CaseRecord {
    /// The latency of a case that did not fail.
    var measured: LatencyRecord? { error == nil ? latencySeconds : nil }

    /// Whether it was left out for want of something that its note names.
    var isSkipped: Bool { error == nil && latencySeconds == nil && note != nil }

    var isFailed: Bool { measured == nil && !isSkipped }

    /// Images per second at the median latency.
    var imagesPerSecond: Double? { throughput ?? measured.map { Double(batch) / $0.median } }

    /// Images per second at the ends of the median's interval.
    var imagesPerSecondInterval: Interval? {
        guard let interval = measured?.ci95, interval.low > 0 else { return nil }
        return Interval(Double(batch) / interval.high, Double(batch) / interval.low)
    }

    /// `1×3×224×224`.
    var inputShape: String { input.map(String.init).joined(separator: "×") }
}
