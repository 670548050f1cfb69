import Foundation

/// The distribution-free interval of the median between two order statistics (Conover, "Practical Nonparametric
/// Statistics", section 3.2): the number of samples below the median is binomial with probability 1/2, whatever the
/// samples' distribution. It assumes independent samples; samples of one process are not quite, see `Bootstrap`.
package enum MedianInterval {
    /// The rank k, from 1, of the lower end; the upper end is the k-th largest. It is the largest k with
    /// P(Binomial(count, 1/2) < k) ≤ (1 − confidence) / 2; nil when even the extremes cannot give the confidence
    /// (at 95 %, below 6 samples).
    package static func rank(count: Int, confidence: Double = 0.95) -> Int? {
        guard count > 0 else { return nil }
        let n = Double(count)
        // Ten standard deviations below the mean the tail is under 1e-80.
        var k = max(0, Int(n / 2 - 5 * n.squareRoot()))
        var term = exp(logBinomial(count, k) - n * log(2.0))
        var tail = term
        while tail <= (1 - confidence) / 2 {
            term *= (n - Double(k)) / Double(k + 1)
            k += 1
            tail += term
        }
        return k > 0 ? k : nil
    }

    /// Nil with too few samples; see `rank`.
    package static func of(sorted: [Double], confidence: Double = 0.95) -> Interval? {
        rank(count: sorted.count, confidence: confidence).map { Interval(sorted[$0 - 1], sorted[sorted.count - $0]) }
    }

    /// ln(n choose k).
    private static func logBinomial(_ n: Int, _ k: Int) -> Double {
        let parts: [Double] = [lgamma(Double(n + 1)), lgamma(Double(k + 1)), lgamma(Double(n - k + 1))]
        return parts[0] - parts[1] - parts[2]
    }
}
