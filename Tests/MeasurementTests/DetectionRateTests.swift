import Foundation
import Measurement
import Testing

/// How often comparisons of simulated runs go wrong: the promise of `compare`.
@Suite struct DetectionRateTests {
    struct Scenario: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let noise: SimulatedNoise
        var blocks = true
        var cases = 1
    }

    static let scenarios = [
        Scenario(testDescription: "five processes", noise: SimulatedNoise()),
        Scenario(testDescription: "five processes of a suite of ten", noise: SimulatedNoise(), cases: 10),
        Scenario(testDescription: "three short processes", noise: SimulatedNoise(processes: 3, samples: 20)),
        Scenario(
            testDescription: "one series of samples", noise: SimulatedNoise(processes: 1, samples: 100, between: 0),
            blocks: false),
        Scenario(
            testDescription: "one short series",
            noise: SimulatedNoise(processes: 1, samples: 30, between: 0, correlation: 0),
            blocks: false),
    ]

    @Test(arguments: scenarios) func rarelyAccusesTheInnocent(scenario: Scenario) {
        let verdicts = verdicts(scenario, factor: 1, seed: 11)
        #expect(share(verdicts, [.regression, .improvement]) <= 0.01)
        #expect(share(verdicts, [.inconclusive]) <= 0.2)
    }

    @Test(arguments: scenarios) func findsFivePercent(scenario: Scenario) {
        let verdicts = verdicts(scenario, factor: 1.05, seed: 12)
        #expect(share(verdicts, [.regression]) >= 0.95)
    }

    /// Three processes of twenty samples are not enough for this.
    @Test(arguments: scenarios.filter { $0.noise.processes != 3 }) func findsThreePercent(scenario: Scenario) {
        let verdicts = verdicts(scenario, factor: 1.03, seed: 13)
        #expect(share(verdicts, [.regression]) >= 0.8)
        #expect(share(verdicts, [.same]) <= 0.05)
    }

    /// A machine too noisy for an answer gives none, instead of a wrong one.
    @Test func admitsWhatItCannotTell() {
        for (between, seed) in [(0.02, 14), (0.05, 15)] {
            let noise = SimulatedNoise(between: between)
            let verdicts = verdicts(Scenario(testDescription: "", noise: noise), factor: 1, seed: UInt64(seed))
            #expect(share(verdicts, [.regression, .improvement]) <= 0.01, "between \(between), seed \(seed)")
        }
    }

    private func share(_ verdicts: [Comparison.Verdict], _ kinds: Set<Comparison.Verdict>) -> Double {
        Double(verdicts.count { kinds.contains($0) }) / Double(verdicts.count)
    }

    /// Of 400 cases.
    private func verdicts(_ scenario: Scenario, factor: Double, seed: UInt64) -> [Comparison.Verdict] {
        var generator = SplitMix64(seed: seed)
        return (0..<400 / scenario.cases).flatMap { _ in
            let before = (0..<scenario.cases).map { _ in scenario.noise.run(&generator) }
            let after = (0..<scenario.cases).map { _ in scenario.noise.run(factor: factor, &generator) }
            return Comparison(
                baseline: timedResults(before, blocks: scenario.blocks),
                candidate: timedResults(after, blocks: scenario.blocks)
            ).cases.map(\.verdict)
        }
    }
}
