import Foundation
import Measurement
import Testing

/// The promise of `compare` on the noise of a real machine: samples of 20 runs of the suite `smoke`, a build against
/// itself, on a busy virtual machine of two cores.
@Suite struct RecordedNoiseTests {
    private typealias Pair = (before: [Double], after: [Double])

    /// Pairs of processes that took turns, in seconds, by case. A line of the file is a case and 44 samples of each
    /// process, in units of 10 ns.
    private static func recorded() throws -> [[Pair]] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/latencies.txt")
        var pairs: [Substring: [Pair]] = [:]
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let fields = line.split(separator: " ")
            let times = fields.dropFirst().map { (Double($0) ?? .nan) * 1e-8 }
            pairs[fields[0], default: []].append((Array(times.prefix(44)), Array(times.suffix(44))))
        }
        return pairs.sorted { $0.key < $1.key }.map(\.value)
    }

    /// What 200 comparisons find, of ten pairs each as `run --against` takes them by default.
    private func verdicts(factor: Double, seed: UInt64) throws -> [Comparison.Verdict] {
        let cases = try Self.recorded()
        var generator = SplitMix64(seed: seed)
        return (0..<200).flatMap { index in
            let drawn = cases[index % cases.count].shuffled(using: &generator).prefix(10).map { pair in
                generator.uniform() < 0.5 ? pair : (before: pair.after, after: pair.before)
            }
            var (a, b) = (
                timedResults([drawn.map(\.before)]), timedResults([drawn.map { $0.after.map { $0 * factor } }])
            )
            (a.run.id, b.run.id) = ("a", "b")
            (a.run.pair, b.run.pair) = (PairRecord(run: "b", role: .baseline), PairRecord(run: "a", role: .candidate))
            return Comparison(baseline: a, candidate: b).cases.map(\.verdict)
        }
    }

    private func share(_ verdicts: [Comparison.Verdict], _ kinds: Set<Comparison.Verdict>) -> Double {
        Double(verdicts.count { kinds.contains($0) }) / Double(verdicts.count)
    }

    @Test func rarelyAccusesTheInnocent() throws {
        let verdicts = try verdicts(factor: 1, seed: 21)
        let changed = share(verdicts, [.regression, .improvement])
        print("recorded noise, no change: \(changed) called one, \(share(verdicts, [.inconclusive])) inconclusive")
        #expect(changed <= 0.01)
    }

    @Test(arguments: [(1.05, 0.95), (1.03, 0.8)]) func findsSlowdowns(factor: Double, bound: Double) throws {
        let verdicts = try verdicts(factor: factor, seed: 22)
        let found = share(verdicts, [.regression])
        print("recorded noise, \(factor) times as long: \(found) found, \(share(verdicts, [.same])) called the same")
        #expect(found >= bound)
    }
}
