/// Decides when there are enough samples: the 95 % interval of the median is narrow, or a bound is reached.
package struct StopRule: Sendable {
    /// Half the interval's width relative to the median.
    package var relativeHalfWidth = 0.005
    package var minimumSamples = 10
    package var maximumSamples = 10_000
    package var maximumSeconds = 10.0

    private var nextCheck = 0
    private var scratch: [UInt64] = []

    package init() {}

    /// Reserves memory, so that `check` allocates none.
    mutating func prepare() { scratch.reserveCapacity(maximumSamples) }

    /// Why to stop after these samples, in nanoseconds, and this much time; nil to go on. The interval is looked at each
    /// time the samples have grown by a fifth, as looking costs time.
    package mutating func check(_ samples: [UInt64], elapsed: UInt64) -> StopReason? {
        if samples.count >= max(minimumSamples, nextCheck) {
            nextCheck = samples.count + max(1, samples.count / 5)
            if let width = halfWidth(samples), width <= relativeHalfWidth { return .precise }
        }
        if samples.count >= maximumSamples { return .maximumSamples }
        if Double(elapsed) >= maximumSeconds * 1e9, !samples.isEmpty { return .maximumSeconds }
        return nil
    }

    private mutating func halfWidth(_ samples: [UInt64]) -> Double? {
        guard let rank = MedianInterval.rank(count: samples.count) else { return nil }
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: samples)
        return scratch.withUnsafeMutableBufferPointer { buffer in
            let low = Double(select(rank - 1, in: buffer))
            let high = Double(select(buffer.count - rank, in: buffer))
            return (high - low) / 2 / max(1, Double(select(buffer.count / 2, in: buffer)))
        }
    }
}
