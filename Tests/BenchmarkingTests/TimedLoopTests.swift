import AllocationCount
import Benchmarking
import Engine
import Foundation
import Measurement
import Tensors
import Testing

/// What the loop that takes the samples adds to them.
@Suite struct TimedLoopTests {
    @Test func aSampleOfNothingIsShort() {
        let overhead = TimedLoop.overhead()
        print("a sample of nothing takes \(overhead) ns")
        #expect(overhead >= 1 && overhead < 50_000)
    }

    @Test func countsEveryCall() {
        var calls: [Int] = []
        let times = TimedLoop.run(count: 3) { calls.append($0) }
        #expect(calls == [0, 1, 2] && times.count == 3)
        #expect(TimedLoop.run(count: 0) { _ in }.isEmpty)
    }

    @Test(arguments: ["repvgg-mnist", "vgg-mnist"]) func nothingIsAllocated(name: String) throws {
        guard allocation_count() >= 0 else { return }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let model = try Model.load(name, models: [root.appendingPathComponent("models").path], seed: 1, form: nil)
        let shape = [1, model.network.inputChannels] + model.inputSize
        let plan = try Plan(try model.network(in: nil), inputShape: shape, options: PlanOptions())
        let input = Tensor.normal(shape: shape, seed: 1)
        var allocations: [Int] = []
        _ = Tensor(shape: plan.outputShape) { output in
            plan.run(input: input.floats, output: output)
            // Only the list of times is allocated, whatever its length.
            for count in [1, 1_000] {
                let before = allocation_count()
                let times = TimedLoop.run(count: count) { _ in plan.run(input: input.floats, output: output) }
                allocations.append(allocation_count() - before)
                #expect(times.count == count)
            }
        }
        #expect(allocations[0] == allocations[1], "allocations of 1 and of 1000 inferences")
        #expect(allocations[0] >= 1, "the counter counts nothing")
    }
}
