import Engine
import Kernels
import Networks
import Tensors
import Testing

/// Which algorithms plans take: by the cost model, by tuning, and where memory is short.
struct AlgorithmChoiceTests {
    private func plan(_ name: String, _ options: PlanOptions, size: Int = 64) throws -> Plan {
        try Plan(try Network.random(name, seed: 3), inputShape: [1, 3, size, size], options: options)
    }

    @Test func lowMemoryKeepsWeightsAsSmallAsStored() throws {
        let network = try Network.random("resnet-18", seed: 3)
        let dense = 4 * network.fused().parameterCount
        var options = PlanOptions()
        let fast = try plan("resnet-18", options, size: 224)
        options.lowMemory = true
        let small = try plan("resnet-18", options, size: 224)
        #expect(fast.weightBytes > 2 * dense)
        #expect(Double(small.weightBytes) < 1.05 * Double(dense))
        let input = Tensor.normal(shape: [1, 3, 224, 224], seed: 4)
        #expect(small.run(input).largestRelativeDifference(from: fast.run(input)) < 1e-4)
    }

    @Test func largeNetworksStayWithinTheirLimit() throws {
        let network = try Network.random("repvgg-b1", seed: 3)
        let dense = 4 * network.parameterCount
        let plan = try Plan(consume network, inputShape: [1, 3, 224, 224], options: PlanOptions())
        #expect(Double(plan.weightBytes) < 2.4 * Double(dense))
        #expect(Set(plan.layers.compactMap(\.algorithm)).isSuperset(of: ["winograd4", "winograd4-streamed"]))
    }

    @Test func tuningMeasuresWhatIsNotKnownAndKeepsTheRest() throws {
        let network = try Network.random("repvgg-a0", seed: 3)
        var ticks: UInt64 = 0
        let tuner = Tuner(options: PlanOptions()) {
            ticks += 1
            return ticks
        }
        var recorded: [String: ConvolutionAlgorithm] = [:]
        let first = try tuner.choices(
            for: network, inputShape: [1, 3, 32, 32], known: [:], record: { recorded[$0.description] = $1 })
        #expect(
            first.count == network.layers.filter { if case .convolution = $0.operation { true } else { false } }.count)
        // Layers of one shape are measured once; a clock that shows no difference leaves the cost model's choice.
        #expect(recorded.count < first.count)
        let model = try plan("repvgg-a0", PlanOptions(), size: 32)
        for layer in model.layers {
            #expect(first[layer.name]?.rawValue == (layer.kind == "convolution" ? layer.algorithm : nil))
        }

        let key = try #require(recorded.keys.first { recorded[$0] != .openblas })
        var known = recorded
        known[key] = .openblas
        let again = try tuner.choices(
            for: network, inputShape: [1, 3, 32, 32], known: known,
            record: { key, _ in Issue.record("measured \(key)") })
        #expect(again.values.contains(.openblas))
        var options = PlanOptions()
        options.choices = again
        #expect(try plan("repvgg-a0", options, size: 32).layers.contains { $0.algorithm == "openblas" })
    }
}
