import Foundation

/// One case on its way to a verdict.
struct CaseJudge {
    private let baseline: CaseRecord
    private let candidate: CaseRecord?
    private var result: CaseComparison
    /// Of both sides' processes; nil when the times cannot be compared.
    let medians: (ProcessMedians, ProcessMedians)?
    private(set) var timing: MedianRatio?

    init(_ baseline: CaseRecord, _ candidate: CaseRecord?, runDifferences: [Difference]) {
        self.baseline = baseline
        self.candidate = candidate
        result = CaseComparison(id: baseline.id, verdict: .same)
        result.baselineMedian = baseline.latencySeconds?.median
        result.candidateMedian = candidate?.latencySeconds?.median
        guard let candidate else {
            result.verdict = .missing
            result.reasons = ["the candidate does not have this case"]
            medians = nil
            return
        }
        result.differences = Comparability.differences(baseline, candidate)
        let decisive = (runDifferences + result.differences).filter(\.decisive)
        if let error = candidate.error {
            result.verdict = .missing
            result.failed = true
            result.reasons = ["failed: \(error)"]
        } else if let error = baseline.error {
            result.verdict = .notComparable
            result.reasons = ["the baseline failed: \(error)"]
        } else if !decisive.isEmpty {
            result.verdict = .notComparable
            result.reasons = [Comparability.explanation(decisive)]
        } else if baseline.latencySeconds != nil, candidate.latencySeconds == nil {
            result.verdict = .missing
            result.reasons = ["the candidate has no samples"]
        }
        guard result.verdict == .same, let a = baseline.latencySeconds, let b = candidate.latencySeconds else {
            medians = nil
            return
        }
        medians = (ProcessMedians(a.processes), ProcessMedians(b.processes))
    }

    /// The ratio of times, and what is compared without statistics over the suite.
    mutating func measure(expectedNoise: Double, paired: Bool, options: ComparisonOptions) {
        guard let candidate, result.verdict == .same else { return }
        result.memory = MemoryComparison(baseline, candidate, options)
        result.accuracy = AccuracyComparison(baseline.accuracy, candidate.accuracy)
        if let before = baseline.outputSHA256, let after = candidate.outputSHA256 {
            result.outputChanged = before != after
        }
        guard let medians else { return }
        let timing = MedianRatio(medians.0, medians.1, expectedNoise: expectedNoise, paired: paired)
        self.timing = timing
        result.ratio = Format.rounded(timing.ratio)
        result.ci95 = timing.interval().rounded
        result.noiseFloor = Format.rounded(timing.noise)
        result.equivalencePValue = Format.rounded(timing.equivalencePValue(margin: options.margin))
        result.tail = TailComparison(baseline, candidate)
    }

    /// - Parameter pValue: adjusted for the number of cases.
    mutating func judgeTiming(pValue: Double, cases: Int, options: ComparisonOptions) {
        guard let timing else { return }
        result.pValue = Format.rounded(pValue)
        result.minimumDetectableEffect = Format.rounded(
            timing.minimumDetectableEffect(alpha: options.alpha / Double(cases)))
        if pValue < options.alpha, abs(timing.logRatio) > log1p(options.tolerance) {
            result.verdict = timing.logRatio > 0 ? .regression : .improvement
            let change = Format.percent(abs(timing.ratio - 1))
            result.reasons.append(change + (timing.logRatio > 0 ? " slower" : " faster"))
        } else if (result.equivalencePValue ?? 1) >= 0.05 {
            result.verdict = .inconclusive
            result.reasons.append("too noisy to tell a change within \(Format.percent(options.margin)) from one beyond")
        }
    }

    /// Adds memory, accuracy and belief to the verdict.
    func finished(_ options: ComparisonOptions) -> CaseComparison {
        var result = result
        if let memory = result.memory, memory.verdict == .regression {
            result.verdict = .regression
            result.reasons.append("\(Format.percent(memory.ratio - 1)) more memory")
        }
        if let accuracy = result.accuracy, accuracy.verdict == .regression {
            result.verdict = .regression
            result.reasons.append("\(accuracy.measure) fell from \(accuracy.baseline) to \(accuracy.candidate)")
        }
        if let failed = candidate?.accuracy?.failedGates, !failed.isEmpty {
            result.failedGates = failed
            result.reasons.append("below the gate: \(failed.joined(separator: ", "))")
        }
        if result.outputChanged == true { result.reasons.append("the outputs changed") }
        if result.verdict == .improvement {
            if let ratio = result.ratio, ratio < options.believableRatio {
                result.suspicious = true
                result.reasons.append("too much to believe unseen")
            }
            if result.outputChanged == true { result.suspicious = true }
        }
        return result
    }
}

extension Interval {
    fileprivate var rounded: Interval { Interval(Format.rounded(low), Format.rounded(high)) }
}

extension TailComparison {
    /// Nil with too few samples for the 90th percentile.
    fileprivate init?(_ baseline: CaseRecord, _ candidate: CaseRecord) {
        guard let a = baseline.latencySeconds, let b = candidate.latencySeconds,
            let before = Percentile.p90.value(ofSorted: a.samples.sorted()),
            let after = Percentile.p90.value(ofSorted: b.samples.sorted())
        else { return nil }
        quantile = Percentile.p90.fraction
        ratio = Format.rounded(after / before)
        let interval = Bootstrap.logRatio(
            a.processes.filter { !$0.isEmpty }, b.processes.filter { !$0.isEmpty }, quantile: quantile, resamples: 200,
            seed: 1)
        ci95 = Interval(exp(interval.low), exp(interval.high)).rounded
    }
}

extension MemoryComparison {
    fileprivate init?(_ baseline: CaseRecord, _ candidate: CaseRecord, _ options: ComparisonOptions) {
        guard let before = baseline.memoryBytes?.peakRSS, let after = candidate.memoryBytes?.peakRSS, before > 0 else {
            return nil
        }
        (self.baseline, self.candidate) = (before, after)
        ratio = Format.rounded(Double(after) / Double(before))
        if abs(after - before) < 4 << 20 {
            verdict = .same
        } else {
            verdict =
                ratio > 1 + options.memoryTolerance
                ? .regression
                : ratio < 1 / (1 + options.memoryTolerance) ? .improvement : .same
        }
    }
}

extension AccuracyComparison {
    /// By McNemar's test where both runs kept the outcome of every image, else by whether the intervals of the fractions
    /// overlap; decibels and structural similarities, which are not counts, by a change that is more than rounding. Nil
    /// when the runs scored different images.
    fileprivate init?(_ baseline: AccuracyRecord?, _ candidate: AccuracyRecord?) {
        guard let baseline, let candidate, baseline.dataset == candidate.dataset, baseline.count == candidate.count
        else { return nil }
        let measures = candidate.measures
        let order = ["top1", "top5", "psnr_db", "psnr_luma_db", "ssim"]
        guard let measure = order.first(where: { baseline.measures[$0] != nil && measures[$0] != nil }),
            let before = baseline.measures[measure], let after = measures[measure]
        else { return nil }
        self.init(measure: measure, baseline: before, candidate: after, verdict: .same)
        let changed: Bool
        if measure == "top1", let a = baseline.outcomes, let b = candidate.outcomes {
            let pairs = zip(a.correct, b.correct).prefix(baseline.count)
            let (lost, gained) = (pairs.count { $0 && !$1 }, pairs.count { !$0 && $1 })
            let pValue = Proportion.mcnemar(lost: lost, gained: gained)
            (self.lost, self.gained, self.pValue) = (lost, gained, pValue)
            changed = pValue < 0.01
        } else if measure.hasPrefix("top") {
            let count = Double(baseline.count)
            let old = Proportion.wilson(successes: before * count, total: baseline.count)
            let new = Proportion.wilson(successes: after * count, total: baseline.count)
            changed = old.high < new.low || new.high < old.low
        } else {
            changed = abs(after - before) > (measure == "ssim" ? 0.000_5 : 0.02)
        }
        if changed { verdict = after < before ? .regression : .improvement }
    }
}
