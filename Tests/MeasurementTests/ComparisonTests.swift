import Foundation
import Measurement
import Testing

@Suite struct ComparisonTests {
    /// Five processes around 10 ms with 0.2 % between neighbours, times `factor`.
    private func times(_ factor: Double = 1) -> [[Double]] {
        (0..<5).map { process in
            (0..<30).map { index -> Double in
                let step = (index * 7 + process) % 5 - 2
                return 0.01 * factor * (1 + 0.002 * Double(step))
            }
        }
    }

    private func results(_ factor: Double = 1, change: (inout CaseRecord) -> Void = { _ in }) -> Results {
        var record = sampleCase(id: "a", processes: times(factor))
        change(&record)
        return sampleResults(cases: [record])
    }

    /// The verdict on one case, and the exit status.
    private func judge(
        _ baseline: Results, _ candidate: Results, _ options: ComparisonOptions = ComparisonOptions()
    ) -> (Comparison.Verdict, Int) {
        let comparison = Comparison(baseline: baseline, candidate: candidate, options: options)
        return (comparison.cases[0].verdict, comparison.exitStatus)
    }

    @Test func judgesTimes() {
        #expect(judge(results(), results()) == (.same, 0))
        #expect(judge(results(), results(1.005)) == (.same, 0))
        #expect(judge(results(), results(1.05)) == (.regression, 2))
        #expect(judge(results(), results(0.9)) == (.improvement, 0))
        let comparison = Comparison(baseline: results(), candidate: results(1.05))
        #expect(comparison.cases[0].ratio == 1.05)
        #expect(comparison.cases[0].ci95?.contains(1.05) == true)
        #expect(comparison.ratio == 1.05)
        #expect(comparison.verdict == "regression")
    }

    /// However certain: a change within the tolerance is none.
    @Test func toleratesSmallChanges() {
        var options = ComparisonOptions()
        options.tolerance = 0.1
        options.margin = 0.1
        #expect(judge(results(), results(1.05), options) == (.same, 0))
    }

    @Test func saysWhenItIsTooNoisy() {
        let noisy = results { record in
            record.latencySeconds = LatencyRecord(processes: [[0.01, 0.02, 0.015], [0.03, 0.01, 0.02]], warmup: 0)
        }
        #expect(judge(noisy, noisy) == (.inconclusive, 7))
        #expect(judge(results(), noisy) == (.inconclusive, 7))
    }

    @Test func doubtsWhatIsTooGood() {
        #expect(judge(results(), results(0.3)) == (.improvement, 4))
        #expect(judge(results(), results(0.9) { $0.outputSHA256 = "other" }) == (.improvement, 4))
        // Changed outputs at the same speed are told, and no crime.
        let changed = Comparison(baseline: results(), candidate: results { $0.outputSHA256 = "other" })
        #expect(changed.exitStatus == 0)
        #expect(changed.cases[0].outputChanged == true)
        #expect(changed.cases[0].reasons == ["the outputs changed"])
    }

    @Test func noticesMissingAndFailedCases() {
        var empty = results()
        empty.cases = []
        #expect(judge(results(), empty) == (.missing, 5))
        let failed = results { ($0.error, $0.latencySeconds) = ("out of memory", nil) }
        #expect(judge(results(), failed) == (.missing, 3))
        #expect(judge(failed, results()) == (.notComparable, 0))
        let added = Comparison(baseline: empty, candidate: results())
        #expect((added.exitStatus, added.added, added.cases.count) == (0, ["a"], 0))
    }

    @Test(arguments: [
        "model", "variant", "engine", "threads", "batch", "input", "isa", "weights", "pixels", "input_sha256",
    ])
    func comparesOnlyLikeCases(field: String) {
        func set(_ record: inout CaseRecord, _ value: Int) {
            switch field {
            case "model": record.model = "m\(value)"
            case "variant": record.variant = "v\(value)"
            case "engine": record.engine = "e\(value)"
            case "threads": record.threads = value
            case "batch": record.batch = value
            case "input": record.input = [1, 3, value, value]
            case "isa": record.isa = "x86-64-v\(value)"
            case "weights": record.weights?.sha256 = "\(value)"
            case "pixels": record.pixelsSHA256 = "\(value)"
            default: record.inputSHA256 = "\(value)"
            }
        }
        let (one, two) = (results { set(&$0, 1) }, results(1.5) { set(&$0, 2) })
        #expect(judge(one, two) == (.notComparable, 6))
        #expect(judge(one, one) == (.same, 0))
        let comparison = Comparison(baseline: one, candidate: two)
        #expect(comparison.cases[0].differences.filter(\.decisive).count == 1)
        #expect(comparison.cases[0].ratio == nil)
    }

    @Test func comparesOnlyLikeMachines() {
        var other = results(1.5)
        other.environment.cpu.model = "Other CPU"
        #expect(judge(results(), other) == (.notComparable, 6))
        let comparison = Comparison(baseline: results(), candidate: other)
        #expect(comparison.differences.map(\.field) == ["environment.cpu.model"])
        var options = ComparisonOptions()
        options.anyMachine = true
        #expect(judge(results(), other, options) == (.regression, 2))
        // Another kernel is worth knowing, but no obstacle.
        var updated = results()
        updated.environment.kernel = "Linux 7.0"
        #expect(judge(results(), updated) == (.same, 0))
        #expect(Comparison(baseline: results(), candidate: updated).differences.map(\.decisive) == [false])
    }

    @Test func tellsDecodersFromEngines() {
        let one = results { ($0.pixelsSHA256, $0.inputSHA256) = ("1", "1") }
        let decoded = results { ($0.pixelsSHA256, $0.inputSHA256) = ("2", "2") }
        let resized = results { ($0.pixelsSHA256, $0.inputSHA256) = ("1", "2") }
        let prepared = results { ($0.pixelsSHA256, $0.tensorsSHA256) = ("1", "2") }
        let otherwise = results { ($0.pixelsSHA256, $0.tensorsSHA256) = ("1", "3") }
        func reason(_ candidate: Results) -> [String] {
            Comparison(baseline: one, candidate: candidate).cases[0].reasons
        }
        #expect(reason(decoded) == ["the images were decoded to other pixels"])
        let drift = Comparison(baseline: prepared, candidate: otherwise).cases[0].reasons
        #expect(drift == ["the same pixels were prepared to other inputs"])
        #expect(reason(resized) == ["the inputs differ, from preprocessing or the data itself"])
    }

    @Test func judgesMemory() {
        func with(_ bytes: Int) -> Results { results { $0.memoryBytes?.peakRSS = bytes } }
        #expect(judge(with(100 << 20), with(104 << 20)) == (.same, 0))
        #expect(judge(with(100 << 20), with(120 << 20)) == (.regression, 2))
        // Twice as much of next to nothing.
        #expect(judge(with(3 << 20), with(6 << 20)) == (.same, 0))
        let less = Comparison(baseline: with(100 << 20), candidate: with(50 << 20))
        #expect(less.cases[0].memory?.verdict == .improvement)
        #expect(less.exitStatus == 0)
    }

    @Test func judgesAccuracyByOutcomes() {
        func with(_ correct: [Bool]) -> Results {
            results { record in
                record.accuracy = AccuracyRecord(dataset: "d", count: correct.count)
                record.accuracy?.top1 = Double(correct.count { $0 }) / Double(correct.count)
                record.accuracy?.outcomes = Outcomes(correct)
            }
        }
        let good = (0..<1_000).map { $0 % 5 != 0 }
        var (worse, shuffled) = (good, good)
        for index in 1...30 { worse[5 * index + 1] = false }
        for index in 1...30 {
            shuffled[5 * index + 1] = false
            shuffled[5 * index] = true
        }
        #expect(judge(with(good), with(good)) == (.same, 0))
        #expect(judge(with(good), with(worse)) == (.regression, 2))
        let changed = Comparison(baseline: with(good), candidate: with(shuffled)).cases[0]
        #expect((changed.verdict, changed.accuracy?.lost, changed.accuracy?.gained) == (.same, 30, 30))
    }

    @Test func judgesAccuracyByIntervalsAndDecibels() {
        func with(top1: Double) -> Results {
            results { record in
                record.accuracy = AccuracyRecord(dataset: "d", count: 1_000)
                record.accuracy?.top1 = top1
            }
        }
        #expect(judge(with(top1: 0.8), with(top1: 0.78)) == (.same, 0))
        #expect(judge(with(top1: 0.8), with(top1: 0.7)) == (.regression, 2))
        func with(psnr: Double) -> Results {
            results { record in
                record.accuracy = AccuracyRecord(dataset: "d", count: 5)
                record.accuracy?.psnrDB = psnr
            }
        }
        #expect(judge(with(psnr: 34), with(psnr: 33.99)) == (.same, 0))
        #expect(judge(with(psnr: 34), with(psnr: 33.9)) == (.regression, 2))
        // Other images, other accuracy.
        #expect(judge(with(psnr: 34), with(top1: 0.1)) == (.same, 0))
    }

    @Test func enforcesGates() {
        let gated = results { $0.accuracy?.gates = ["top1": 0.7] }
        #expect(judge(results(), gated) == (.same, 8))
        #expect(judge(results(), results { $0.accuracy?.gates = ["top1": 0.5] }) == (.same, 0))
        #expect(judge(results(), results { $0.accuracy?.gates = ["psnr_db": 30] }) == (.same, 8))
    }

    @Test func prefersFindingsToGaps() {
        func pair(_ candidates: [CaseRecord]) -> Int {
            let baseline = sampleResults(cases: ["a", "b"].map { sampleCase(id: $0, processes: times()) })
            return Comparison(baseline: baseline, candidate: sampleResults(cases: candidates)).exitStatus
        }
        let slow = sampleCase(id: "a", processes: times(1.2))
        var failed = sampleCase(id: "b", processes: times())
        failed.error = "crashed"
        #expect(pair([slow]) == 2)
        #expect(pair([slow, failed]) == 2)
        #expect(pair([failed]) == 3)
    }

    @Test func matchesTheSnapshots() throws {
        let baseline = sampleResults(
            cases: ["a", "b", "c/with a longer name", "d", "e"].map { sampleCase(id: $0, processes: times()) })
        var candidate = sampleResults(
            id: "89abcdef",
            cases: [
                sampleCase(id: "a", processes: times()), sampleCase(id: "b", processes: times(1.05)),
                sampleCase(id: "c/with a longer name", processes: times(0.25)), sampleCase(id: "d", processes: times()),
                sampleCase(id: "new", processes: times()),
            ])
        candidate.cases[1].memoryBytes?.peakRSS = 200_000_000
        candidate.cases[3].threads = 2
        candidate.environment.kernel = "Linux 7.0"
        let comparison = Comparison(baseline: baseline, candidate: candidate)
        try expectSnapshot(comparison.text(), "comparison.txt")
        try expectSnapshot(String(decoding: comparison.json(), as: UTF8.self), "comparison.json")
    }

    /// 200 cases of 1,000 samples each, from text to verdict.
    @Test func comparesLargeFiles() throws {
        var generator = SplitMix64(seed: 21)
        let noise = SimulatedNoise(processes: 5, samples: 200)
        let files = try (0..<2).map { _ in
            try ResultsCoding.encode(timedResults((0..<200).map { _ in noise.run(&generator) }))
        }
        let runs = try files.map { try ResultsCoding.decode($0, file: "a.json") }
        let comparison = Comparison(baseline: runs[0], candidate: runs[1])
        #expect(comparison.cases.count == 200)
        #expect(comparison.cases.count { [.regression, .improvement].contains($0.verdict) } <= 2, "seed 21")
    }
}
