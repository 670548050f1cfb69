import Foundation

/// A stretch of a series around one level.
package struct Segment: Codable, Equatable, Sendable {
    /// Indices into the series, end exclusive.
    package let start: Int
    package let end: Int
    /// The median of the stretch.
    package let level: Double
}

/// Finds where a series of measurements changes its level: the L1 Potts functional, the sum of distances to the levels
/// plus a penalty per step (Friedrich, Kempe, Liebscher and Winkler, "Complexity penalized M-estimation", 2008; asv's
/// step detection uses the same model), minimized exactly by dynamic programming. Distances are absolute, so a single
/// outlier makes no step.
package enum StepDetection {
    /// The segments of `series`, at least one unless it is empty, none shorter than `minimumLength` unless the series is.
    /// Quadratic: half a second for 3,000 values.
    ///
    /// With Laplacian noise of scale b the information criterion asks b · ln n for a step (a place and a level); three
    /// times that keeps the choice of the best of all places from finding steps in noise.
    package static func segments(_ series: [Double], minimumLength: Int = 3) -> [Segment] {
        let n = series.count
        guard n > 0 else { return [] }
        let penalty = 3 * noise(series) * log(Double(max(n, 2)))
        // best[r]: least cost of series[..<r]; start[r]: where its last segment begins.
        var best = [0.0] + [Double](repeating: .infinity, count: n)
        var start = [Int](repeating: 0, count: n + 1)
        for l in 0..<n where best[l].isFinite {
            var segment = GrowingSegment()
            for r in (l + 1)...n {
                segment.insert(series[r - 1])
                let cost = best[l] + segment.deviation + (l > 0 ? penalty : 0)
                if l == 0 || r - l >= minimumLength, r >= minimumLength || r == n, cost < best[r] {
                    (best[r], start[r]) = (cost, l)
                }
            }
        }
        var segments: [Segment] = []
        var end = n
        while end > 0 {
            segments.append(Segment(start: start[end], end: end, level: series[start[end]..<end].median))
            end = start[end]
        }
        return segments.reversed()
    }

    /// The scale b of Laplacian noise from the differences of neighbours, which steps hardly touch: the median of
    /// |x − y| is 1.146 b. Never less than rounding.
    private static func noise(_ series: [Double]) -> Double {
        let size = series.reduce(0) { max($0, abs($1)) }
        guard series.count > 1 else { return size }
        return max(zip(series, series.dropFirst()).map { abs($0 - $1) }.median / 1.146, 1e-9 * size)
    }
}

/// Keeps the sum of distances from the median while values arrive: a value outside the middle pair adds its distance
/// from it, one inside adds nothing.
private struct GrowingSegment {
    private(set) var deviation = 0.0
    private var sorted: [Double] = []

    mutating func insert(_ value: Double) {
        if !sorted.isEmpty {
            let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
            deviation += max(0, low - value, value - high)
        }
        var (from, to) = (0, sorted.count)
        while from < to {
            let middle = (from + to) / 2
            if sorted[middle] < value { from = middle + 1 } else { to = middle }
        }
        sorted.insert(value, at: from)
    }
}
