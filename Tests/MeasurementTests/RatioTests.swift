import Foundation
import Measurement
import Testing

/// Intervals and tests of a ratio of medians, on simulated processes.
@Suite struct RatioTests {
    /// The interval holds the true ratio about as often as it says.
    @Test func coversTheTruth() {
        let noise = SimulatedNoise(processes: 5, samples: 30, between: 0.004)
        var generator = SplitMix64(seed: 5)
        var covered = 0
        for _ in 0..<1_000 {
            let ratio = ratio(noise.run(&generator), noise.run(factor: 1.1, &generator), expected: 0.004)
            if ratio.interval().contains(1.1) { covered += 1 }
        }
        #expect((930...985).contains(covered), "seed 5: \(covered) of 1000")
    }

    /// `scipy.stats.ttest_ind` of the logarithms of the medians, were there no prior: with its weight of 4 degrees at the
    /// same variance only the degrees of freedom change, and the p-value is 2 t.sf(|t|, 4 + 4).
    @Test func isATTestOfProcesses() {
        // Processes without noise of their own: three equal samples each.
        func process(_ logMedian: Double) -> [Double] { [Double](repeating: exp(logMedian), count: 3) }
        let a = [0.0, 0.01, 0.02].map(process)
        let b = [0.03, 0.04, 0.05].map(process)
        let ratio = ratio(a, b, expected: 0.01)
        #expect(abs(ratio.logRatio - 0.03) < 1e-12)
        #expect(abs(ratio.error - 0.01 * (2.0 / 3).squareRoot()) < 1e-12)
        // t = 3.674234614; 2 * scipy.stats.t.sf(t, 8)
        #expect(abs(ratio.differencePValue - 0.006270063) < 1e-6)
        #expect(ratio.equivalencePValue(margin: 0.01) > 0.9)
        #expect(ratio.equivalencePValue(margin: 0.1) < 0.01)
    }

    /// A slowdown of the detectable size is found about four times in five.
    @Test func saysWhatItCanDetect() {
        let noise = SimulatedNoise(samples: 30)
        var generator = SplitMix64(seed: 6)
        let effect = ratio(noise.run(&generator), noise.run(&generator), expected: 0.005)
            .minimumDetectableEffect(alpha: 0.01)
        var found = 0
        for _ in 0..<500 {
            let ratio = ratio(noise.run(&generator), noise.run(factor: 1 + effect, &generator), expected: 0.005)
            if ratio.differencePValue < 0.01 { found += 1 }
        }
        #expect((300...490).contains(found), "seed 6: \(found) of 500 at \(effect)")
    }

    @Test func resamplesProcessesAndSamples() {
        let noise = SimulatedNoise(processes: 10, samples: 100, disturbed: 0)
        var generator = SplitMix64(seed: 7)
        let (a, b) = (noise.run(&generator).map { $0[...] }, noise.run(factor: 1.2, &generator).map { $0[...] })
        let interval = Bootstrap.logRatio(a, b, quantile: 0.5, seed: 1)
        #expect(interval.contains(log(1.2)), "seed 7: \(interval)")
        // Two groups of ten processes that differ by 0.5 %: an interval of about ±1.96 × 0.5 % × √(2 / 10).
        #expect((0.005...0.02).contains(interval.high - interval.low), "seed 7: \(interval)")
        #expect(Bootstrap.logRatio(a, b, quantile: 0.5, seed: 1) == interval)
        #expect(Bootstrap.logRatio(a, a, quantile: 0.9, seed: 1).contains(0))
    }

    private func ratio(_ a: [[Double]], _ b: [[Double]], expected: Double) -> MedianRatio {
        MedianRatio(ProcessMedians(a.map { $0[...] }), ProcessMedians(b.map { $0[...] }), expectedNoise: expected)
    }
}
