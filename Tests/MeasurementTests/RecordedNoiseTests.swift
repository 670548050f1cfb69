import Foundation
import Measurement
import Testing

/// The promise of `compare` on the noise of a real machine: samples of the suite `smoke`, taken on a busy virtual
/// machine of two cores, of which whole processes are drawn.
@Suite struct RecordedNoiseTests {
    /// Samples of every process in seconds, by case. A line of the file is a case and a process's first samples in
    /// nanoseconds.
    private static func recorded() throws -> [String: [[Double]]] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/latencies.txt")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .reduce(into: [:]) { processes, line in
                let fields = line.split(separator: " ")
                processes[String(fields[0]), default: []].append(fields.dropFirst().map { (Double($0) ?? .nan) * 1e-9 })
            }
    }

    /// What 200 comparisons of five processes with five others of the same case find.
    private func verdicts(factor: Double, seed: UInt64) throws -> [Comparison.Verdict] {
        let cases = try Self.recorded().sorted { $0.key < $1.key }
        var generator = SplitMix64(seed: seed)
        return (0..<200).flatMap { index in
            let drawn = cases[index % cases.count].value.shuffled(using: &generator).prefix(10)
            let slower = drawn.suffix(5).map { $0.map { $0 * factor } }
            return Comparison(
                baseline: timedResults([Array(drawn.prefix(5))]), candidate: timedResults([slower])
            ).cases.map(\.verdict)
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
