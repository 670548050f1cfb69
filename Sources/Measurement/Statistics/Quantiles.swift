extension Collection where Element == Double {
    /// 0 for an empty collection.
    package var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }

    /// Of the sample (divided by n − 1); 0 below two values.
    package var standardDeviation: Double {
        guard count > 1 else { return 0 }
        let mean = mean
        return (reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
    }

    /// The collection must not be empty.
    package var median: Double { sorted().quantileOfSorted(0.5) }

    /// Median absolute deviation from the median, without a factor for normality. The collection must not be empty.
    package var medianAbsoluteDeviation: Double {
        let median = median
        return map { abs($0 - median) }.median
    }

    /// The quantile at `fraction` of values that need not be sorted. The collection must not be empty.
    package func quantile(_ fraction: Double) -> Double { sorted().quantileOfSorted(fraction) }
}

extension Array where Element == Double {
    /// The quantile at `fraction` in [0, 1] by linear interpolation: definition 7 of Hyndman and Fan, "Sample quantiles
    /// in statistical packages" (1996), which is NumPy's default. The array must be sorted and not empty.
    package func quantileOfSorted(_ fraction: Double) -> Double {
        let position = fraction * Double(count - 1)
        let lower = Int(position)
        let upper = Swift.min(lower + 1, count - 1)
        return self[lower] + (position - Double(lower)) * (self[upper] - self[lower])
    }
}

/// A high percentile, which means something only from enough samples on: MLPerf LoadGen's minimum query counts for
/// early stopping at 99 % confidence.
package enum Percentile: Sendable {
    case p90, p99, p999

    package var fraction: Double {
        switch self {
        case .p90: 0.9
        case .p99: 0.99
        case .p999: 0.999
        }
    }

    package var minimumSamples: Int {
        switch self {
        case .p90: 64
        case .p99: 662
        case .p999: 6_636
        }
    }

    /// Nil when there are too few samples.
    package func value(ofSorted sorted: [Double]) -> Double? {
        sorted.count >= minimumSamples ? sorted.quantileOfSorted(fraction) : nil
    }
}

/// The fences of Tukey, "Exploratory Data Analysis" (1977): 1.5 and 3 interquartile ranges beyond the quartiles.
package struct TukeyFences: Equatable, Sendable {
    package enum Kind: Sendable { case inside, mild, severe }

    package let mild: Interval
    package let severe: Interval

    /// There must be at least one sample.
    package init(_ samples: some Collection<Double>) {
        let sorted = samples.sorted()
        let (low, high) = (sorted.quantileOfSorted(0.25), sorted.quantileOfSorted(0.75))
        let range = high - low
        mild = Interval(low - 1.5 * range, high + 1.5 * range)
        severe = Interval(low - 3 * range, high + 3 * range)
    }

    package func classify(_ value: Double) -> Kind {
        mild.contains(value) ? .inside : severe.contains(value) ? .mild : .severe
    }
}
