import Foundation

/// Intervals and tests for fractions such as an accuracy.
package enum Proportion {
    /// The score interval of a fraction (Wilson, "Probable inference", 1927). `total` must be positive.
    package static func wilson(successes: Double, total: Int, confidence: Double = 0.95) -> Interval {
        let z = StudentT(degreesOfFreedom: .infinity).quantile(upperTail: (1 - confidence) / 2)
        let n = Double(total)
        let p = successes / n
        let denominator = 1 + z * z / n
        let center = (p + z * z / (2 * n)) / denominator
        let half = z / denominator * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        return Interval(max(0, center - half), min(1, center + half))
    }

    /// McNemar's exact two-sided test of paired outcomes (McNemar 1947, in its binomial form): how likely the outcomes
    /// that changed would divide so unevenly if either direction were as likely.
    /// - Parameters:
    ///   - lost: how many were right only before.
    ///   - gained: how many were right only after.
    package static func mcnemar(lost: Int, gained: Int) -> Double {
        let n = lost + gained
        guard n > 0 else { return 1 }
        // P(Binomial(n, 1/2) ≤ k) = I_{1/2}(n − k, k + 1).
        let k = min(lost, gained)
        return min(1, 2 * incompleteBeta(Double(n - k), Double(k + 1), 0.5))
    }
}

/// Holm's step-down adjustment ("A simple sequentially rejective multiple test procedure", 1979): compare the results
/// with the level at which any false rejection in the family may happen. In the order of `values`.
package func holm(_ values: [Double]) -> [Double] {
    var adjusted = values
    var largest = 0.0
    for (rank, index) in values.indices.sorted(by: { values[$0] < values[$1] }).enumerated() {
        largest = max(largest, min(1, Double(values.count - rank) * values[index]))
        adjusted[index] = largest
    }
    return adjusted
}
