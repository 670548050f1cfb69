import Foundation

/// How much slower the second of two groups of processes is, as a ratio of median times, with what is known about its
/// error.
///
/// The process is the unit: samples of one process share its luck with memory layout and neighbours (Kalibera and Jones,
/// "Rigorous benchmarking in reasonable time", 2013). So each process gives one number, the logarithm of its median, and
/// the groups are compared by a t-test on these. As a handful of processes says little about their own spread, it is
/// weighed against what other cases of the suite show (the moderated t-test of Smyth, "Linear models and empirical Bayes
/// methods", 2004). With one process a side there is no spread to see, and the expected one is taken as it is.
package struct MedianRatio: Sendable {
    /// Spread between processes that is expected before any is seen: 0.3 % is what others measured within one machine.
    package static let defaultNoise = 0.003
    /// What the expected spread weighs, in degrees of freedom.
    static let priorWeight = 4.0

    /// ln of the ratio of geometric means of the processes' medians, second over first.
    package let logRatio: Double
    /// Standard error of `logRatio`.
    package let error: Double
    /// Relative standard deviation of a process's median, with the prior in it.
    package let noise: Double
    package let distribution: StudentT

    /// - Parameters:
    ///   - expectedNoise: relative standard deviation between processes to expect; see `SuiteNoise`.
    ///   - paired: process number n of one group ran beside that of the other, so that slow spells of the machine met
    ///     both: the spread of the differences counts then, not that of the processes.
    package init(_ a: ProcessMedians, _ b: ProcessMedians, expectedNoise: Double, paired: Bool = false) {
        let spread = Spread(a, b, paired: paired)
        let degrees = spread.degreesOfFreedom
        let within =
            (a.withinVariance * Double(a.count) + b.withinVariance * Double(b.count)) / Double(a.count + b.count)
        let prior = expectedNoise * expectedNoise + within
        let variance = (Self.priorWeight * prior + spread.squares) / (Self.priorWeight + degrees)
        // Processes never agree better than the noise of their own samples lets them.
        noise = max(variance, within).squareRoot()
        logRatio = b.mean - a.mean
        error = noise * (1 / Double(a.count) + 1 / Double(b.count)).squareRoot()
        distribution = StudentT(degreesOfFreedom: degrees > 0 ? Self.priorWeight + degrees : .infinity)
    }

    package var ratio: Double { exp(logRatio) }

    /// Of the ratio.
    package func interval(confidence: Double = 0.95) -> Interval {
        let half = distribution.quantile(upperTail: (1 - confidence) / 2) * error
        return Interval(exp(logRatio - half), exp(logRatio + half))
    }

    /// Probability of a ratio at least this far from 1 were there no difference.
    package var differencePValue: Double { min(1, 2 * distribution.upperTail(abs(logRatio) / error)) }

    /// The larger p-value of two one-sided tests (Schuirmann, 1987): small when the ratio is surely within
    /// 1 / (1 + margin) and 1 + margin.
    package func equivalencePValue(margin: Double) -> Double {
        distribution.upperTail((log1p(margin) - abs(logRatio)) / error)
    }

    /// The slowdown, as a fraction, that a two-sided test at level `alpha` finds four times out of five.
    package func minimumDetectableEffect(alpha: Double) -> Double {
        expm1((distribution.quantile(upperTail: alpha / 2) + distribution.quantile(upperTail: 0.2)) * error)
    }
}

/// What two groups of processes show of the variance of a process's median.
private struct Spread {
    /// Over `degreesOfFreedom`, the variance.
    let squares: Double
    let degreesOfFreedom: Double

    /// Pairs need as many processes on either side, and two at least.
    init(_ a: ProcessMedians, _ b: ProcessMedians, paired: Bool) {
        if paired, a.count == b.count, a.count > 1 {
            let differences = zip(a.logMedians, b.logMedians).map { $1 - $0 }
            let mean = differences.mean
            // A difference varies twice as much as either side.
            squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2
            degreesOfFreedom = Double(a.count - 1)
        } else {
            squares = a.squaredDeviations + b.squaredDeviations
            degreesOfFreedom = Double(a.count + b.count - 2)
        }
    }
}

/// The medians of one side's processes, on a logarithmic scale.
package struct ProcessMedians: Sendable {
    let logMedians: [Double]
    /// Mean variance of a process's median from the noise of its own samples.
    let withinVariance: Double

    /// Processes without samples are left out; there must be one with samples, and samples are positive.
    package init(_ processes: [ArraySlice<Double>]) {
        let sorted = processes.filter { !$0.isEmpty }
        logMedians = sorted.map { log($0.median) }
        withinVariance = sorted.map(Self.medianVariance).mean
    }

    var count: Int { logMedians.count }
    var mean: Double { logMedians.mean }
    var squaredDeviations: Double {
        let mean = mean
        return logMedians.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }

    /// Variance of the logarithm of the median of `samples`: from its order-statistic interval (McKean and Schrader,
    /// "A comparison of methods for studentizing the sample median", 1984), or from the medians of consecutive stretches
    /// when they differ more, as they do when the machine's speed drifts.
    private static func medianVariance(_ samples: ArraySlice<Double>) -> Double {
        let stretches = 8
        var variance = independentVariance(samples.sorted())
        if samples.count >= 5 * stretches {
            let ends = (0...stretches).map { samples.startIndex + $0 * samples.count / stretches }
            let medians = zip(ends, ends.dropFirst()).map { log(samples[$0..<$1].median) }
            let deviation = medians.standardDeviation
            variance = max(variance, deviation * deviation / Double(stretches))
        }
        return variance
    }

    private static func independentVariance(_ sorted: [Double]) -> Double {
        if let interval = MedianInterval.of(sorted: sorted) {
            let error = log(interval.high / interval.low) / (2 * 1.96)
            return error * error
        }
        // Too few: the median's variance is π/2 times the mean's for normal noise.
        let deviation = sorted.map { log($0) }.standardDeviation
        return .pi / 2 * deviation * deviation / Double(sorted.count)
    }
}

/// What the cases of a suite show together about the spread between processes.
package enum SuiteNoise {
    /// The median over all cases with at least two processes a side, or `MedianRatio.defaultNoise` when there are none.
    /// Never below half of that default.
    package static func estimate(_ cases: [(ProcessMedians, ProcessMedians)], paired: Bool = false) -> Double {
        let variances = cases.filter { $0.0.count > 1 && $0.1.count > 1 }.map { a, b in
            let spread = Spread(a, b, paired: paired)
            let between = spread.squares / spread.degreesOfFreedom
            return max(0, between - (a.withinVariance + b.withinVariance) / 2)
        }
        guard !variances.isEmpty else { return MedianRatio.defaultNoise }
        return max(variances.median.squareRoot(), MedianRatio.defaultNoise / 2)
    }
}
