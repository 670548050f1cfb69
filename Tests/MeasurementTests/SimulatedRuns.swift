import Foundation
import Measurement

/// Times as a real machine gives them: every process has its own luck, samples of a process resemble their neighbours,
/// and some are disturbed.
struct SimulatedNoise: Sendable {
    var processes = 5
    var samples = 40
    /// Relative standard deviation between processes.
    var between = 0.005
    /// Relative standard deviation within a process.
    var within = 0.015
    /// Correlation of neighbouring samples.
    var correlation = 0.3
    /// Share of samples that take up to twice as long.
    var disturbed = 0.03

    /// - Parameter factor: the slowdown that is planted.
    func run(factor: Double = 1, _ generator: inout SplitMix64) -> [[Double]] {
        (0..<processes).map { _ in
            let level = log(0.01 * factor) + between * generator.normal()
            var state = generator.normal()
            return (0..<samples).map { _ in
                state = correlation * state + (1 - correlation * correlation).squareRoot() * generator.normal()
                let disturbance = generator.uniform() < disturbed ? 1 + generator.uniform() : 1
                return exp(level + within * state) * disturbance
            }
        }
    }
}

/// A results file of cases that hold nothing but these times.
func timedResults(_ cases: [[[Double]]], blocks: Bool = true) -> Results {
    var records: [CaseRecord] = []
    for (index, processes) in cases.enumerated() {
        var record = CaseRecord(
            id: "case-\(index)", model: "m", engine: "native", threads: 1, batch: 1, input: [1, 3, 8, 8])
        record.latencySeconds = LatencyRecord(processes: blocks ? processes : [processes.flatMap { $0 }], warmup: 0)
        records.append(record)
    }
    return sampleResults(cases: records)
}
