import Engine
import Interchange
import Networks
import Tensors
import TestSupport
import Testing

/// Logits of the reference implementations, from the layer list as it is and after fusing.
@Suite(.enabled(if: Shared.exists, "needs the folder of golden files, see Shared"))
struct GoldenNetworkTests {
    static let files = [
        "repvgg_plain_train.safetensors", "repvgg_plain_train.pth", "repvgg_plain_train.legacy.pth",
        "repvgg_plain_deploy.safetensors", "repvgg_g2_train.safetensors", "repvgg_g2_deploy.safetensors",
        "repvgg_se_train.safetensors", "repvgg_se_deploy.safetensors", "repvgg_timm_train.safetensors",
        "repvgg_timm_fused.safetensors", "vgg.safetensors", "vgg.pth", "vgg_bn.safetensors",
        "resnet_bottleneck.safetensors",
    ]

    @Test(arguments: files) func logits(file: String) throws {
        let network = try Network(Checkpoint.read(Shared.path("golden/" + file)))
        let name = file.prefix { $0 != "." }
        let golden = try Checkpoint.read(Shared.path("golden/\(name).io.safetensors")).parameters()
        let input = try #require(golden["input"]).floats()
        let logits = try #require(golden["logits"]).floats()
        let fused = network.fused()
        #expect(relativeError(Interpreter.run(network, input), logits) < 1e-4)
        #expect(relativeError(Interpreter.run(network.asTrained(), input), logits) < 1e-4)
        #expect(relativeError(Interpreter.run(fused, input), logits) < 1e-4)
        #expect(try network.shapes(input: input.shape).last == logits.shape)
        #expect(fused.form == (network.family == "repvgg" ? .fused : .plain))
        for layer in fused.layers {
            switch layer.operation {
            case .batchNorm, .add: Issue.record("\(layer.name) is left of \(file)")
            default: break
            }
        }
    }

    @Test(arguments: ["plain", "g2", "se"]) func fusedWeightsAreTheOfficialOnes(kind: String) throws {
        let network = try Network(Checkpoint.read(Shared.path("golden/repvgg_\(kind)_train.safetensors")))
        let official = try Checkpoint.read(Shared.path("golden/repvgg_\(kind)_deploy.safetensors")).parameters()
        let fused = network.fusedCheckpoint()
        #expect(Set(fused.tensors.keys) == Set(official.keys))
        #expect(fused.metadata.isEmpty)
        for (name, tensor) in fused.tensors {
            let expected = try #require(official[name]).floats()
            #expect(relativeError(try tensor.floats(), expected) < 1e-5, "\(name)")
        }
    }

    /// Classes 0, 1, 500 and 999 of torchvision's networks with the decoded weights of PQF's authors.
    @Test(
        arguments: [
            ("resnet18", [-0.70727, -2.85683, -6.17211, -2.81338]),
            ("resnet18_large", [1.24571, 0.2323, -5.65324, -2.3248]),
            ("resnet50_large", [-2.80389, -4.37629, -2.24671, -2.19813]),
        ] as [(String, [Float])])
    func quantizedLogits(file: String, expected: [Float]) throws {
        let network = try Network(Checkpoint.read(Shared.path("checkpoints/pqf/\(file).pth")))
        let logits = Interpreter.run(network.fused(), noise([1, 3, 64, 64], seed: 21))
        for (index, value) in zip([0, 1, 500, 999], expected) { #expect(abs(logits.floats[index] - value) < 1e-3) }
    }
}
