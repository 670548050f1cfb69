import Engine
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

struct FusionTests {
    @Test(arguments: ["repvgg-a0:train", "repvgg-a0", "resnet-18", "resnet-50", "vgg-11-bn"])
    func keepsTheFunction(name: String) throws {
        let network = try Network.random(name, seed: 7)
        let input = noise([1, 3, 32, 32], seed: 11)
        let fused = network.fused()
        let expected = Interpreter.run(network, input)
        #expect(relativeError(Interpreter.run(fused, input), expected) < 1e-4)
        #expect(fused.layers.allSatisfy { ["batch norm", "relu", "add"].contains($0.operation.kind) == false })
        #expect(fused.layers.count < network.layers.count)
        #expect(try fused.shapes(input: input.shape).last == expected.shape)
    }

    /// Random networks are to run like trained ones: no overflow, no denormals, at any depth.
    @Test(arguments: ["repvgg-b0", "repvgg-b0:train", "repvgg-d2se", "repvgg-d2se:train", "resnet-152", "vgg-19-bn"])
    func randomActivationsKeepTheirScale(name: String) throws {
        let logits = Interpreter.run(try Network.random(name).fused(), noise([1, 3, 32, 32], seed: 5)).array
        let scale = (logits.reduce(0) { $0 + $1 * $1 } / Float(logits.count)).squareRoot()
        #expect(scale > 0.01 && scale < 100, "\(scale)")
    }

    @Test func blocksBecomeOneConvolution() throws {
        let fused = try Network.random("repvgg-b1g4:train").fused()
        let convolutions = fused.layers.filter { $0.operation.kind == "convolution" }
        #expect(convolutions.count == 28)
        #expect(
            convolutions.prefix(3).map(\.name) == [
                "stage0.rbr_reparam", "stage1.0.rbr_reparam", "stage1.1.rbr_reparam",
            ])
        #expect(fused.parameterCount == (try Network.random("repvgg-b1g4")).parameterCount)
    }

    @Test func asTrainedKeepsBranches() throws {
        let network = try Network.random("repvgg-a0:train").asTrained()
        #expect(network.form == .training)
        #expect(network.layers.filter { $0.operation.kind == "batch norm" }.count == 22 * 2 + 17)
    }

    @Test func aConvolutionReadTwiceStays() throws {
        var network = Network(name: "twice", family: "", form: .plain, inputChannels: 2)
        let weights = noise([2, 2, 3, 3], seed: 1)
        let convolution = network.append("conv", .convolution(Convolution(weights: .dense(weights), padding: 1)), 0)
        let norm = network.append("norm", .batchNorm(someNorm(channels: 2)), convolution)
        let relu = network.append("relu", .relu, norm)
        _ = network.append("add", .add, relu, convolution)
        let fused = network.fused()
        #expect(fused.layers.map(\.name) == ["conv", "norm", "relu", "add"])
        let input = noise([1, 2, 5, 4], seed: 2)
        #expect(relativeError(Interpreter.run(fused, input), Interpreter.run(network, input)) < 1e-6)
    }

    @Test func branchesOfUnlikeStrideOrPaddingStay() throws {
        for (stride, padding) in [(2, 1), (1, 0)] {
            var network = Network(name: "unlike", family: "", form: .plain, inputChannels: 2)
            let dense = Convolution(weights: .dense(noise([2, 2, 3, 3], seed: 1)), padding: 1)
            let other = Convolution(weights: .dense(noise([2, 2, 3, 3], seed: 2)), stride: stride, padding: padding)
            let a = network.append("a", .convolution(dense), 0)
            let b = network.append("b", .convolution(other), 0)
            _ = network.append("sum", .add, a, b)
            #expect(network.mergingBranches().layers.count == 3)
        }
    }

    /// Folding into product-quantized weights keeps the codes.
    @Test func foldsIntoQuantizedWeights() throws {
        var network = Network(name: "quantized", family: "", form: .plain, inputChannels: 2)
        let weights = ProductQuantized(
            shape: [3, 2, 3, 3], codes: .bytes([0, 1, 2, 1, 0, 2]), codebook: noise([3, 9], seed: 3))
        let convolution = network.append("conv", .convolution(Convolution(weights: .quantized(weights), padding: 1)), 0)
        let norm = network.append("norm", .batchNorm(someNorm(channels: 3)), convolution)
        _ = network.append("relu", .relu, norm)
        let fused = network.fused()
        #expect(fused.layers.count == 1)
        let input = noise([1, 2, 6, 6], seed: 4)
        #expect(relativeError(Interpreter.run(fused, input), Interpreter.run(network, input)) < 1e-5)
        #expect(fused.weightBytes == 6 + 4 * 27 + 4 * 3 + 4 * 3)
        #expect(fused.denseBytes == 4 * (54 + 3))
    }

    @Test func dropsWhatNothingReads() {
        var network = Network(name: "dead", family: "", form: .plain)
        let kept = network.append("kept", .relu, 0)
        _ = network.append("dead", .sigmoid, kept)
        _ = network.append("last", .sigmoid, kept)
        let result = network.removingDeadLayers()
        #expect(result.layers.map(\.name) == ["kept", "last"])
        #expect(result.layers.map(\.inputs) == [[0], [1]])
    }

    @Test func refusesInputsThatDoNotFit() throws {
        let network = try Network.random("resnet-18")
        #expect(throws: EngineError.self) { try network.shapes(input: [1, 1, 224, 224]) }
        #expect(throws: EngineError.self) { try network.shapes(input: [1, 3, 224]) }
        #expect(throws: EngineError.self) { try network.shapes(input: [1, 3, 0, 224]) }
        #expect(throws: EngineError.self) { try network.shapes(input: [1 << 40, 3, 1 << 40, 224]) }
        #expect(throws: EngineError.self) { try Network.random("vgg-11").shapes(input: [1, 3, 16, 16]) }
        #expect(try network.shapes(input: [1, 3, 1, 1]).last == [1, 1000])
    }

    private func someNorm(channels: Int) -> BatchNorm {
        let values = noise([4, channels], seed: 9).array
        func part(_ index: Int) -> Tensor {
            Tensor(shape: [channels], Array(values[index * channels..<(index + 1) * channels]))
        }
        let variance = Tensor(shape: [channels], part(3).floats.map { 1 + $0 / 2 })
        return BatchNorm(weight: part(0), bias: part(1), mean: part(2), variance: variance)
    }
}

/// Even numbers in -1..<1 from a linear congruential generator.
func noise(_ shape: [Int], seed: UInt64) -> Tensor {
    var state = seed
    return Tensor(
        shape: shape,
        (0..<shape.reduce(1, *)).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
        })
}
