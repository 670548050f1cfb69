import Foundation

/// One case on one machine over many runs, oldest first.
package struct CaseHistory: Codable, Equatable, Sendable {
    package struct Point: Codable, Equatable, Sendable {
        package var run: String
        package var started: Date
        @Nullable package var commit: String?
        /// Median latency, in seconds.
        package var median: Double
        @Nullable package var ci95: Interval?
    }

    package var id: String
    /// Processor and number of cores: times of different machines make no series.
    package var machine: String
    package var points: [Point]
    /// Stretches of points around one level, in the logarithm of the median; the levels are seconds.
    package var segments: [Segment]

    /// The last change of level, as a ratio of new to old; nil when there was none.
    package var lastStep: Double? {
        guard segments.count > 1 else { return nil }
        return segments[segments.count - 1].level / segments[segments.count - 2].level
    }
}

package enum History {
    /// The series of all cases in `runs`, by case and machine. Failed and unmeasured cases leave a gap.
    package static func series(_ runs: [Results]) -> [CaseHistory] {
        var points: [Key: [CaseHistory.Point]] = [:]
        var order: [Key] = []
        for results in runs.sorted(by: { $0.run.started < $1.run.started }) {
            let cpu = results.environment.cpu
            for result in results.cases where result.error == nil {
                guard let latency = result.latencySeconds else { continue }
                let key = Key(id: result.id, machine: "\(cpu.model), \(cpu.cores) cores")
                if points[key] == nil { order.append(key) }
                points[key, default: []].append(
                    CaseHistory.Point(
                        run: results.run.id, started: results.run.started, commit: results.run.git?.commit,
                        median: latency.median, ci95: latency.ci95))
            }
        }
        return order.map { key in
            let points = points[key] ?? []
            let segments = StepDetection.segments(points.map { log(max($0.median, .leastNormalMagnitude)) }).map {
                Segment(start: $0.start, end: $0.end, level: exp($0.level))
            }
            return CaseHistory(id: key.id, machine: key.machine, points: points, segments: segments)
        }
    }

    private struct Key: Hashable {
        let id: String
        let machine: String
    }
}
