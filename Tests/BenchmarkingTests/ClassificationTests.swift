import Benchmarking
import Testing

struct ClassificationTests {
    @Test func countsHits() {
        var result = Classification(dataset: "x")
        result.add([0.1, 0.9, 0.3, 0.2, 0.15, 0.05], label: 1)
        result.add([0.1, 0.9, 0.3, 0.2, 0.15, 0.05], label: 0)
        result.add([0.1, 0.9, 0.3, 0.2, 0.15, 0.05], label: 5)
        #expect(result.outcomes == [true, false, false])
        #expect(result.top1 == 1.0 / 3)
        #expect(result.top5 == 2.0 / 3)
    }

    @Test func tiesGoToTheSmallerIndex() {
        var result = Classification(dataset: "x")
        result.add([0.5, 0.5], label: 0)
        result.add([0.5, 0.5], label: 1)
        #expect(result.outcomes == [true, false])
    }

    @Test func notANumberNeverWins() {
        var result = Classification(dataset: "x")
        result.add([.nan, 0.5, .nan], label: 0)
        result.add([.nan, .nan], label: 1)
        #expect(result.outcomes == [false, false])
        #expect(result.top5 == 0)
    }

    @Test func probabilitiesSumToOne() {
        let probabilities = Classification.probabilities([1000, 1001, 999])
        #expect(abs(probabilities.reduce(0, +) - 1) < 1e-12)
        #expect(abs(probabilities[1] - 0.6652409557748219) < 1e-12)
        #expect(Classification.top(2, of: [1, 3, 2]).map(\.index) == [1, 2])
    }
}
