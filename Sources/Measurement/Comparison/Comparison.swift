/// What two runs say about each other: the document of `compare --json`. Ratios are candidate over baseline, so above 1
/// is slower or larger.
package struct Comparison: Codable, Equatable, Sendable {
    package enum Verdict: String, Codable, Sendable {
        case same, regression, improvement, inconclusive, missing
        case notComparable = "not comparable"
    }

    /// The verdict over all cases, in words that match `exitStatus`.
    package var verdict: String
    /// See `Comparison.status`.
    package var exitStatus: Int
    package var baseline: Source
    package var candidate: Source
    package var options: ComparisonOptions
    /// How the runs' machines and programs differ.
    package var differences: [Difference]
    /// Relative standard deviation between processes that the suite as a whole shows.
    package var noiseFloor: Double
    /// Geometric mean of the ratios of all cases that were compared.
    @Nullable package var ratio: Double?
    /// The baseline's cases, in its order.
    package var cases: [CaseComparison]
    /// Cases that only the candidate has.
    package var added: [String]

    package struct Source: Codable, Equatable, Sendable {
        package var id: String
        package var suite: String
        @Nullable package var commit: String?
        package var harnessVersion: String?

        enum CodingKeys: String, CodingKey {
            case id, suite, commit
            case harnessVersion = "harness_version"
        }
    }

    enum CodingKeys: String, CodingKey {
        case verdict, baseline, candidate, options, differences, ratio, cases, added
        case exitStatus = "exit_status"
        case noiseFloor = "noise_floor"
    }
}

package struct ComparisonOptions: Codable, Equatable, Sendable {
    /// A ratio closer to 1 than this is never a regression or an improvement, however certain.
    package var tolerance = 0.01
    /// `same` means that the ratio is within this of 1 with 95 % confidence.
    package var margin = 0.03
    /// How likely one false regression or improvement may be among all cases when nothing changed.
    package var alpha = 0.002
    /// Smaller growth of the peak memory is none; nor is growth below 4 MiB.
    package var memoryTolerance = 0.05
    /// A ratio below this is suspicious.
    package var believableRatio = 0.5
    /// Compare even runs of different machines.
    package var anyMachine = false

    package init() {}

    enum CodingKeys: String, CodingKey {
        case tolerance, margin, alpha
        case memoryTolerance = "memory_tolerance"
        case believableRatio = "believable_ratio"
        case anyMachine = "any_machine"
    }
}

/// A field in which two runs or cases are not alike.
package struct Difference: Codable, Equatable, Sendable {
    /// As in the results file, such as `environment.cpu.model`.
    package var field: String
    @Nullable package var baseline: String?
    @Nullable package var candidate: String?
    /// Whether it keeps times from being compared.
    package var decisive: Bool
}

package struct CaseComparison: Codable, Equatable, Sendable {
    package var id: String
    package var verdict: Comparison.Verdict
    /// Of the geometric means of the processes' medians.
    @Nullable package var ratio: Double?
    @Nullable package var ci95: Interval?
    /// Seconds.
    @Nullable package var baselineMedian: Double?
    @Nullable package var candidateMedian: Double?
    /// Relative standard deviation of a process's median.
    package var noiseFloor: Double?
    /// Of no difference, adjusted for the number of cases (Holm).
    package var pValue: Double?
    /// Of a difference beyond the margin (two one-sided tests).
    package var equivalencePValue: Double?
    /// The smallest slowdown, as a fraction, that would be found four times out of five.
    package var minimumDetectableEffect: Double?
    /// The ratio of 90th percentiles, for information.
    package var tail: TailComparison?
    package var memory: MemoryComparison?
    package var accuracy: AccuracyComparison?
    /// Whether the outputs' digests differ.
    package var outputChanged: Bool?
    /// An improvement that is to be looked at before it is believed.
    package var suspicious = false
    /// The candidate has no measurement because it failed to run.
    package var failed = false
    /// Accuracy gates that the candidate does not meet.
    package var failedGates: [String] = []
    package var differences: [Difference] = []
    /// Why the verdict is what it is, one sentence each.
    package var reasons: [String] = []

    init(id: String, verdict: Comparison.Verdict) {
        self.id = id
        self.verdict = verdict
    }

    enum CodingKeys: String, CodingKey {
        case id, verdict, ratio, ci95, tail, memory, accuracy, suspicious, failed, differences, reasons
        case baselineMedian = "baseline_median"
        case candidateMedian = "candidate_median"
        case noiseFloor = "noise_floor"
        case pValue = "p_value"
        case equivalencePValue = "equivalence_p_value"
        case minimumDetectableEffect = "minimum_detectable_effect"
        case outputChanged = "output_changed"
        case failedGates = "failed_gates"
    }
}

package struct TailComparison: Codable, Equatable, Sendable {
    package var quantile: Double
    package var ratio: Double
    package var ci95: Interval
}

package struct MemoryComparison: Codable, Equatable, Sendable {
    /// Bytes.
    package var baseline: Int
    package var candidate: Int
    package var ratio: Double
    package var verdict: Comparison.Verdict
}

package struct AccuracyComparison: Codable, Equatable, Sendable {
    /// The measure, such as `top1`.
    package var measure: String
    package var baseline: Double
    package var candidate: Double
    /// Images right only before, and only after; where both runs kept their outcomes.
    package var lost: Int?
    package var gained: Int?
    /// McNemar's exact test of these.
    package var pValue: Double?
    package var verdict: Comparison.Verdict

    enum CodingKeys: String, CodingKey {
        case measure, baseline, candidate, lost, gained, verdict
        case pValue = "p_value"
    }
}
