import Foundation

/// Student's t distribution; an infinite number of degrees of freedom makes it the normal.
package struct StudentT: Sendable {
    package let degreesOfFreedom: Double

    /// Must be positive.
    package init(degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

    /// P(T > t).
    package func upperTail(_ t: Double) -> Double {
        guard degreesOfFreedom.isFinite else { return 0.5 * erfc(t / 2.0.squareRoot()) }
        let x = degreesOfFreedom / (degreesOfFreedom + t * t)
        let half = 0.5 * incompleteBeta(degreesOfFreedom / 2, 0.5, x)
        return t > 0 ? half : 1 - half
    }

    /// The t that is exceeded with probability `tail`, in (0, 0.5].
    package func quantile(upperTail tail: Double) -> Double {
        var (low, high) = (0.0, 1.0)
        while upperTail(high) > tail, high < 1e100 { (low, high) = (high, 2 * high) }
        // The bracket halves to the last bit.
        while true {
            let middle = low + (high - low) / 2
            if middle <= low || middle >= high { return middle }
            if upperTail(middle) > tail { low = middle } else { high = middle }
        }
    }
}

/// The regularized incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22) evaluated with Lentz's
/// method.
package func incompleteBeta(_ a: Double, _ b: Double, _ x: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    // The fraction converges fast only on this side of the mean.
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(b, a, 1 - x) }
    let logBeta: Double = lgamma(a) + lgamma(b) - lgamma(a + b)
    let front = exp(a * log(x) + b * log1p(-x) - logBeta) / a
    let tiny = 1e-300
    var c = 1.0
    var d = 1 / nonzero(1 - (a + b) * x / (a + 1), tiny)
    var fraction = d
    for i in 1...10_000 {
        let m = Double(i)
        let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        var change = 1.0
        for coefficient in [even, odd] {
            d = 1 / nonzero(1 + coefficient * d, tiny)
            c = nonzero(1 + coefficient / c, tiny)
            change = c * d
            fraction *= change
        }
        if abs(change - 1) < 1e-15 { break }
    }
    return front * fraction
}

private func nonzero(_ value: Double, _ tiny: Double) -> Double { abs(value) < tiny ? tiny : value }
