import Foundation
import Measurement
import Testing

/// Expected values are those of NumPy 2 and SciPy 1.17, by the call that each test names.
@Suite struct StatisticsTests {
    private let values = [3.1, 0.4, 2.2, 9.7, 5.5, 1.8, 2.9]

    /// `numpy.quantile(x, q)`, `numpy.mean`, `numpy.std(ddof=1)`, `scipy.stats.median_abs_deviation`.
    @Test func summarizes() {
        for (fraction, expected) in [(0, 0.4), (0.1, 1.24), (0.25, 2), (0.5, 2.9), (0.9, 7.18), (1, 9.7)] {
            #expect(close(values.quantile(fraction), expected), "\(fraction)")
        }
        #expect(close(values.mean, 3.657142857142857))
        #expect(close(values.standardDeviation, 3.08158895315233))
        #expect(close(values.medianAbsoluteDeviation, 1.1))
        #expect([7.0].median == 7)
        #expect([7.0].standardDeviation == 0)
    }

    /// The largest k with `scipy.stats.binom.cdf(k - 1, n, 0.5) <= 0.025`.
    @Test(arguments: [(6, 1), (7, 1), (10, 2), (30, 10), (100, 40), (1_000, 469), (100_001, 49_691)])
    func ranksTheMediansInterval(count: Int, rank: Int) {
        #expect(MedianInterval.rank(count: count) == rank)
    }

    @Test func hasNoIntervalOfTooFewSamples() {
        #expect(MedianInterval.rank(count: 5) == nil)
        #expect(MedianInterval.rank(count: 0) == nil)
        #expect(MedianInterval.of(sorted: [1, 2, 3, 4, 5, 6]) == Interval(1, 6))
    }

    @Test func showsPercentilesOnlyOfEnoughSamples() {
        for (percentile, count) in [(Percentile.p90, 64), (.p99, 662), (.p999, 6_636)] {
            let ramp = (0..<count).map(Double.init)
            #expect(percentile.value(ofSorted: Array(ramp.dropLast())) == nil)
            #expect(percentile.value(ofSorted: ramp) == ramp.quantileOfSorted(percentile.fraction))
        }
    }

    @Test func countsOutliersByTukeysFences() {
        // Quartiles 2 and 6: fences at -4 and 12, -10 and 18.
        let samples: [Double] = [0, 2, 4, 6, 13, 0, 2, 4, 6, 19, 2, 6, 3, 5, 3, 5, 4, 4, 2, 6, 2, 6, 3, 1, 7]
        let fences = TukeyFences(samples)
        #expect(fences.mild == Interval(-4, 12))
        #expect(fences.severe == Interval(-10, 18))
        let outliers = OutliersRecord(samples: samples)
        #expect((outliers.mild, outliers.severe) == (1, 1))
        #expect(outliers.indices == [4, 9])
    }

    /// `scipy.stats.t.sf(t, df)`; `scipy.stats.norm.sf(6)`.
    @Test(arguments: [
        (1, 2, 0.14758361765043326), (4, -1.5, 0.896), (8, 4.5, 0.0010010461377592988), (30, 0, 0.5),
        (200, 3.3, 0.0005723613325644438), (Double.infinity, 6, 9.865876450376946e-10),
    ])
    func knowsStudentsTails(degrees: Double, t: Double, expected: Double) {
        #expect(close(StudentT(degreesOfFreedom: degrees).upperTail(t), expected))
    }

    /// `scipy.stats.t.isf(p, df)`; `scipy.stats.norm.isf(0.025)`.
    @Test(arguments: [
        (4, 0.025, 2.7764451051977943), (8, 0.001, 4.500790933723724), (1, 0.05, 6.313751514675044),
        (50, 0.0005, 3.496012881811139), (Double.infinity, 0.025, 1.9599639845400545),
    ])
    func knowsStudentsQuantiles(degrees: Double, tail: Double, expected: Double) {
        #expect(close(StudentT(degreesOfFreedom: degrees).quantile(upperTail: tail), expected))
    }

    /// `scipy.special.betainc(a, b, x)`.
    @Test(arguments: [
        (0.5, 0.5, 0.3, 0.36901011956554536), (2, 3, 0.4, 0.5247999999999999), (50, 0.5, 0.99, 0.3173043978741973),
        (120, 80, 0.61, 0.6100745513523662),
    ])
    func knowsTheIncompleteBeta(a: Double, b: Double, x: Double, expected: Double) {
        #expect(close(incompleteBeta(a, b, x), expected))
    }

    /// `scipy.stats.binomtest(k, n).proportion_ci(0.95, method="wilson")`.
    @Test(arguments: [
        (0, 10, 0, 0.27753279986288926), (10, 10, 0.7224672001371109, 1),
        (37, 50, 0.6044684273515115, 0.8412847250644762), (3_900, 5_000, 0.768305328298296, 0.791264758612472),
    ])
    func boundsFractions(successes: Double, total: Int, low: Double, high: Double) {
        let interval = Proportion.wilson(successes: successes, total: total)
        #expect(close(interval.low, low) && close(interval.high, high), "\(interval)")
    }

    /// `scipy.stats.binomtest(lost, lost + gained).pvalue`.
    @Test(arguments: [
        (10, 2, 0.03857421875), (0, 5, 0.0625), (7, 7, 1), (300, 240, 0.011050481081929898), (0, 0, 1),
    ])
    func testsPairedOutcomes(lost: Int, gained: Int, expected: Double) {
        #expect(close(Proportion.mcnemar(lost: lost, gained: gained), expected))
    }

    /// By hand: 0.005 × 5, 0.01 × 4, 0.03 × 3, then never less than the one before.
    @Test func adjustsForManyTests() {
        let adjusted = holm([0.01, 0.04, 0.03, 0.005, 0.5])
        for (value, expected) in zip(adjusted, [0.04, 0.09, 0.09, 0.025, 0.5]) { #expect(close(value, expected)) }
        #expect(holm([]) == [])
    }

    /// The first numbers of the reference implementation (Vigna, splitmix64.c) from seed 1234567.
    @Test func repeatsItsRandomNumbers() {
        var generator = SplitMix64(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
        #expect(generator.next() == 9_817_491_932_198_370_423)
        let indices = (0..<1_000).map { _ in generator.index(below: 7) }
        #expect(Set(indices) == Set(0..<7))
    }

    @Test(arguments: 1...20) func selectsWhatSortingFinds(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        // Few different values, so that there are ties.
        let values = (0..<generator.index(below: 60) + 1).map { _ in generator.index(below: 20) }
        let sorted = values.sorted()
        for rank in values.indices {
            var scratch = values
            #expect(scratch.withUnsafeMutableBufferPointer { select(rank, in: $0) } == sorted[rank], "seed \(seed)")
        }
    }

    private func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 * max(1e-3, abs(b)) + 1e-15 }
}
