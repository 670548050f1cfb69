import Foundation

extension Comparison {
    /// Judges the candidate against the baseline, case by case.
    ///
    /// A case is a regression (or an improvement) when its ratio of median times differs from 1 by more than the
    /// tolerance and the t-test of `MedianRatio`, adjusted for all cases by Holm's method, says so at level `alpha`; it is
    /// the same when two one-sided tests at 5 % place the ratio within the margin; otherwise the data are inconclusive. A
    /// larger peak memory or a lower accuracy makes a regression too.
    package init(baseline: Results, candidate: Results, options: ComparisonOptions = ComparisonOptions()) {
        let differences = Comparability.differences(
            baseline.environment, candidate.environment, anyMachine: options.anyMachine)
        let candidates = Dictionary(candidate.cases.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var judged = baseline.cases.map { CaseJudge($0, candidates[$0.id], runDifferences: differences) }
        // An interrupted pair has processes without a partner.
        let paired = baseline.run.pair?.run == candidate.run.id && candidate.run.pair?.run == baseline.run.id
        let noise = SuiteNoise.estimate(judged.compactMap(\.medians), paired: paired)
        for index in judged.indices { judged[index].measure(expectedNoise: noise, paired: paired, options: options) }
        let timed = judged.indices.filter { judged[$0].timing != nil }
        let adjusted = holm(timed.compactMap { judged[$0].timing?.differencePValue })
        for (index, pValue) in zip(timed, adjusted) {
            judged[index].judgeTiming(pValue: pValue, cases: timed.count, options: options)
        }
        let known = Set(baseline.cases.map(\.id))
        let logRatios = judged.compactMap { $0.timing?.logRatio }
        self.init(
            verdict: "", exitStatus: 0, baseline: Source(baseline.run), candidate: Source(candidate.run),
            options: options, differences: differences, noiseFloor: Format.rounded(noise),
            ratio: logRatios.isEmpty ? nil : Format.rounded(exp(logRatios.mean)),
            cases: judged.map { $0.finished(options) },
            added: candidate.cases.map(\.id).filter { !known.contains($0) })
        (verdict, exitStatus) = status
    }

    /// The overall verdict and the command's exit status: of all that apply, the first of
    /// accuracy below its gate (8), a regression (2), a case that failed (3), runs that are not comparable (6), a missing
    /// case (5), a suspicious improvement (4), inconclusive (7), and otherwise success (0). Findings come before gaps in
    /// the data, and what is wrong with the candidate before what is wrong with the measurement.
    package var status: (verdict: String, exitStatus: Int) {
        func any(_ verdict: Verdict) -> Bool { cases.contains { $0.verdict == verdict } }
        if cases.contains(where: { !$0.failedGates.isEmpty }) { return ("accuracy below its gate", 8) }
        if any(.regression) { return ("regression", 2) }
        if cases.contains(where: \.failed) { return ("failed", 3) }
        if differences.contains(where: \.decisive)
            || cases.contains(where: { $0.differences.contains(where: \.decisive) })
        {
            return ("not comparable", 6)
        }
        if any(.missing) { return ("missing", 5) }
        if cases.contains(where: \.suspicious) { return ("suspicious improvement", 4) }
        if any(.inconclusive) { return ("inconclusive", 7) }
        return (any(.improvement) ? "improvement" : "same", 0)
    }

    /// The document of `compare --json`.
    package func json() throws(MeasurementError) -> Data { try ResultsCoding.document(self) }
}

extension Comparison.Source {
    fileprivate init(_ run: RunRecord) {
        self.init(id: run.id, suite: run.suite, commit: run.git?.commit, harnessVersion: run.harnessVersion)
    }
}
