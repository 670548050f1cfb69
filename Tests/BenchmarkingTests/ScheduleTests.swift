import Benchmarking
import Testing

@Suite struct ScheduleTests {
    @Test func everyCaseEveryRound() {
        let steps = Schedule.steps(cases: 5, blocks: 4, seed: 9)
        #expect(steps.count == 20 && steps.allSatisfy { $0.build == 0 })
        for round in 0..<4 { #expect(Set(steps[round * 5..<round * 5 + 5].map(\.caseIndex)) == Set(0..<5)) }
        #expect(steps == Schedule.steps(cases: 5, blocks: 4, seed: 9))
        #expect(steps != Schedule.steps(cases: 5, blocks: 4, seed: 10))
    }

    @Test func buildsTakeTurns() {
        let steps = Schedule.steps(cases: 3, builds: 2, blocks: 4, seed: 1)
        #expect(steps.count == 24)
        for pair in stride(from: 0, to: steps.count, by: 2) {
            #expect(steps[pair].caseIndex == steps[pair + 1].caseIndex)
            #expect(steps[pair].build != steps[pair + 1].build)
        }
        for index in 0..<3 {
            let order = steps.filter { $0.caseIndex == index }.map(\.build)
            #expect(order == [0, 1, 1, 0, 0, 1, 1, 0] || order == [1, 0, 0, 1, 1, 0, 0, 1])
        }
    }
}
