import Foundation

/// Resampling of samples that came in processes: first the processes are drawn, then the samples within each, as
/// samples of one process resemble each other (Davison and Hinkley, "Bootstrap methods and their application", 1997,
/// section 3.8). With few processes its intervals are too narrow, so verdicts rest on `MedianRatio`; it serves where
/// there is no formula, as for the ratio of high percentiles.
package enum Bootstrap {
    /// The 95 % percentile interval of ln(quantile of `b` / quantile of `a`), all processes of a side pooled. Samples
    /// must be positive, and no process empty.
    package static func logRatio(
        _ a: [ArraySlice<Double>], _ b: [ArraySlice<Double>], quantile: Double, resamples: Int = 400, seed: UInt64
    ) -> Interval {
        var generator = SplitMix64(seed: seed)
        let capacity = 2 * max(a.reduce(0) { $0 + $1.count }, b.reduce(0) { $0 + $1.count })
        var scratch: [Double] = []
        scratch.reserveCapacity(capacity)
        let ratios = (0..<resamples).map { _ in
            let before = resampled(a, quantile, &scratch, &generator)
            return log(resampled(b, quantile, &scratch, &generator) / before)
        }.sorted()
        return Interval(ratios.quantileOfSorted(0.025), ratios.quantileOfSorted(0.975))
    }

    private static func resampled(
        _ processes: [ArraySlice<Double>], _ quantile: Double, _ scratch: inout [Double],
        _ generator: inout SplitMix64
    ) -> Double {
        scratch.removeAll(keepingCapacity: true)
        for _ in processes {
            let process = processes[generator.index(below: processes.count)]
            for _ in process { scratch.append(process[process.startIndex + generator.index(below: process.count)]) }
        }
        let rank = Int((quantile * Double(scratch.count - 1)).rounded())
        return scratch.withUnsafeMutableBufferPointer { select(rank, in: $0) }
    }
}

/// The value of rank `rank`, from 0 (Hoare's quickselect, 1961). Reorders the buffer and allocates nothing.
package func select<Value: Comparable>(_ rank: Int, in values: UnsafeMutableBufferPointer<Value>) -> Value {
    var (low, high) = (0, values.count - 1)
    while low < high {
        let pivot = medianOfThree(values[low], values[low + (high - low) / 2], values[high])
        var (i, j) = (low, high)
        while i <= j {
            while values[i] < pivot { i += 1 }
            while pivot < values[j] { j -= 1 }
            if i <= j {
                values.swapAt(i, j)
                i += 1
                j -= 1
            }
        }
        if rank <= j { high = j } else if rank >= i { low = i } else { return values[rank] }
    }
    return values[rank]
}

private func medianOfThree<Value: Comparable>(_ a: Value, _ b: Value, _ c: Value) -> Value {
    max(min(a, b), min(max(a, b), c))
}
