import Foundation
import Measurement
import Testing

@Suite struct HistoryTests {
    @Test func findsPlantedSteps() {
        for seed in UInt64(1)...20 {
            var generator = SplitMix64(seed: seed)
            let series = (0..<90).map { index in
                (index < 30 ? 1.0 : index < 70 ? 1.1 : 1.04) * (1 + 0.01 * generator.normal())
            }
            let segments = StepDetection.segments(series)
            #expect(segments.count == 3, "seed \(seed): \(segments)")
            for (segment, start) in zip(segments, [0, 30, 70]) {
                #expect(abs(segment.start - start) <= 2, "seed \(seed): \(segments)")
            }
        }
    }

    @Test func findsNoStepsInNoiseAndOutliers() {
        var falseSteps = 0
        for seed in UInt64(1)...100 {
            var generator = SplitMix64(seed: seed)
            let series = (0..<60).map { _ in
                (generator.uniform() < 0.05 ? 1.5 : 1) * (1 + 0.01 * generator.normal())
            }
            if StepDetection.segments(series).count > 1 { falseSteps += 1 }
        }
        #expect(falseSteps <= 5, "seeds 1 to 100")
    }

    @Test func takesShortAndConstantSeries() {
        #expect(StepDetection.segments([]).isEmpty)
        #expect(StepDetection.segments([2]) == [Segment(start: 0, end: 1, level: 2)])
        #expect(StepDetection.segments([2, 9]) == [Segment(start: 0, end: 2, level: 5.5)])
        #expect(StepDetection.segments([Double](repeating: 3, count: 50)) == [Segment(start: 0, end: 50, level: 3)])
        let step = [Double](repeating: 3, count: 20) + [Double](repeating: 4, count: 20)
        #expect(StepDetection.segments(step).map(\.start) == [0, 20])
    }

    @Test func makesASeriesPerCaseAndMachine() {
        var runs = (0..<20).map { index in
            var results = sampleResults(
                id: "run\(index)",
                cases: [
                    sampleCase(id: "a", processes: [[index < 10 ? 1 : 2]]), sampleCase(id: "b", processes: [[1]]),
                ])
            results.run.started += Double(index)
            return results
        }
        runs[3].cases[1].error = "out of memory"
        runs[4].environment.cpu.model = "Other CPU"
        let histories = History.series(runs.reversed())
        #expect(histories.map(\.id) == ["a", "b", "a", "b"])
        #expect(histories.map(\.points.count) == [19, 18, 1, 1])
        #expect(histories[0].points.map(\.started) == histories[0].points.map(\.started).sorted())
        #expect(abs((histories[0].lastStep ?? 0) - 2) < 1e-12)
        #expect(histories[1].lastStep == nil)
    }
}
