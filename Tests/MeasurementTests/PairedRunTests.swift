import Foundation
import Measurement
import Testing

/// Runs whose blocks took turns, on a machine that goes through slow spells.
@Suite struct PairedRunTests {
    private static let repetitions = 200

    /// Both sides of a case, ten blocks each; spells of up to 20 % meet both.
    private func comparison(factor: Double, paired: Bool, _ generator: inout SplitMix64) -> Comparison {
        let noise = SimulatedNoise(processes: 10, samples: 40)
        var (before, after): ([[[Double]]], [[[Double]]]) = ([], [])
        for _ in 0..<3 {
            let spells = (0..<noise.processes).map { _ in 1 + 0.2 * generator.uniform() }
            before.append(zip(noise.run(&generator), spells).map { block, spell in block.map { $0 * spell } })
            after.append(
                zip(noise.run(factor: factor, &generator), spells).map { block, spell in block.map { $0 * spell } })
        }
        var (baseline, candidate) = (timedResults(before), timedResults(after))
        (baseline.run.id, candidate.run.id) = ("a", "b")
        if paired {
            baseline.run.pair = PairRecord(run: "b", role: .baseline)
            candidate.run.pair = PairRecord(run: "a", role: .candidate)
        }
        return Comparison(baseline: baseline, candidate: candidate)
    }

    private func rate(_ statuses: Set<Int>, factor: Double, paired: Bool, seed: UInt64) -> Double {
        var generator = SplitMix64(seed: seed)
        let found = (0..<Self.repetitions).count { _ in
            statuses.contains(comparison(factor: factor, paired: paired, &generator).exitStatus)
        }
        return Double(found) / Double(Self.repetitions)
    }

    @Test func pairsSeeThroughSlowSpells() {
        let falseAlarms = rate([2, 4], factor: 1, paired: true, seed: 21)
        let five = rate([2], factor: 1.05, paired: true, seed: 22)
        let three = rate([2], factor: 1.03, paired: true, seed: 23)
        let unpaired = rate([2], factor: 1.03, paired: false, seed: 23)
        print("paired A/B: false alarms \(falseAlarms), 5 % found \(five), 3 % \(three) (unpaired \(unpaired))")
        #expect(falseAlarms <= 0.01)
        #expect(five >= 0.95)
        #expect(three >= 0.8)
        #expect(unpaired < three)
    }

    /// An interrupted run may have a block more on one side.
    @Test func unequalPairsAreComparedAsGroups() {
        var (a, b) = (timedResults([[[1, 1.01, 1.02], [1, 1, 1]]]), timedResults([[[1, 1.01, 1]]]))
        (a.run.id, b.run.id) = ("a", "b")
        (a.run.pair, b.run.pair) = (PairRecord(run: "b", role: .baseline), PairRecord(run: "a", role: .candidate))
        #expect(Comparison(baseline: a, candidate: b).cases.count == 1)
    }
}
