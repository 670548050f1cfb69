import Engine
import Interchange
import Networks
import Testing

/// Networks that are written to a checkpoint under various names come back as they were.
struct SpellingTests {
    @Test(arguments: [
        "repvgg-a0", "repvgg-a0:train", "repvgg-b1g4:train", "resnet-18", "resnet-50", "vgg-11", "vgg-11-bn",
    ])
    func ownNames(name: String) throws {
        let network = try Network.random(name)
        let loaded = try Network(checkpoint(of: network))
        #expect(outline(loaded) == outline(network))
        #expect(loaded.name == network.name)
        #expect(loaded.form == network.form)
        #expect(loaded.inputSize == network.inputSize)
    }

    @Test(arguments: ["repvgg-d2se", "repvgg-a1:train"]) func timm(name: String) throws {
        let network = try Network.random(name)
        let renamed = checkpoint(of: network).renamed { key in
            var key = key
            for stage in 1...4 { key = key.replacing("stage\(stage).", with: "stages.\(stage - 1).") }
            let names = [
                ("stage0", "stem"), ("rbr_dense", "conv_kxk"), ("rbr_1x1", "conv_1x1"), ("rbr_identity", "identity"),
                ("rbr_reparam", "reparam_conv"), ("se.down", "attn.fc1"), ("se.up", "attn.fc2"), ("linear", "head.fc"),
            ]
            return names.reduce(key) { $0.replacing($1.0, with: $1.1) }
        }
        #expect(outline(try Network(renamed)) == outline(network))
    }

    /// RepVGGplus has its third stage in two halves, auxiliary heads, and squeeze-excite after the ReLU.
    @Test func repVGGplus() throws {
        let original = checkpoint(of: try Network.random("repvgg-d2se"))
        let renamed = original.renamed { key in
            var parts = key.replacing(".se.", with: ".post_se.").split(separator: ".").map(String.init)
            guard parts[0].hasPrefix("stage"), parts[0] != "stage0", let index = Int(parts[1]) else {
                return parts.joined(separator: ".")
            }
            if parts[0] == "stage3" {
                parts[0] = index < 12 ? "stage3_first" : "stage3_second"
                parts[1] = String(index % 12)
            }
            return ([parts[0], "blocks"] + parts.dropFirst()).joined(separator: ".")
        }
        let network = try Network(renamed.with("stage3_first_aux.1.weight", [1000, 640]))
        #expect(network.parameterCount == (try Network.random("repvgg-d2se")).parameterCount)
        let names = network.layers.map(\.name)
        let relu = try #require(names.firstIndex(of: "stage3.13.nonlinearity"))
        #expect(names[relu + 1] == "stage3.13.post_se.pool")
    }

    /// The quantization recipe's form: a batch norm after each fused convolution, which folds away again.
    @Test func insertedBatchNorm() throws {
        let network = try Network.random("repvgg-a0")
        var renamed = checkpoint(of: network)
        for (key, tensor) in renamed.tensors where key.hasSuffix("rbr_reparam.bias") {
            let name = key.dropLast(4)
            renamed.tensors[key] = nil
            for part in ["weight", "bias", "running_mean", "running_var"] {
                renamed.tensors[name + "bn." + part] = tensor
            }
            renamed = renamed.with(name + "bn.running_var", tensor.shape)
        }
        renamed = renamed.renamed { $0.replacing("rbr_reparam.weight", with: "rbr_reparam.conv.weight") }
        #expect(outline(try Network(renamed).fused()) == outline(network.fused()))
    }

    @Test func vggOfOldAndOfTimm() throws {
        let network = try Network.random("vgg-11")
        let original = checkpoint(of: network)
        let old = original.renamed {
            $0.replacing("classifier.0", with: "classifier.1").replacing("classifier.3", with: "classifier.4")
        }
        #expect(outline(try Network(old)) == outline(network))
        var timm = original.renamed {
            $0.replacing("classifier.0", with: "pre_logits.fc1").replacing("classifier.3", with: "pre_logits.fc2")
                .replacing("classifier.6", with: "head.fc")
        }
        for (name, shape) in [("pre_logits.fc1", [4096, 512, 7, 7]), ("pre_logits.fc2", [4096, 4096, 1, 1])] {
            let tensor = try #require(timm.tensors[name + ".weight"]).floats()
            timm.tensors[name + ".weight"] = StoredTensor(tensor.reshaped(shape))
        }
        #expect(outline(try Network(timm)) == outline(network))
    }

    @Test func foldedBatchNorms() throws {
        for name in ["resnet-18", "vgg-11-bn"] {
            let network = try Network.random(name)
            let folded = network.foldingBatchNorms()
            let loaded = try Network(checkpoint(of: folded))
            #expect(outline(loaded.fused()) == outline(network.fused()))
        }
    }

    @Test func stridesComeFromTheMetadata() throws {
        var stored = checkpoint(of: try Network.random("repvgg-a0"))
        stored.metadata = ["harness.strides": "1,1,2,2,2", "harness.input_size": "32,32"]
        let network = try Network(stored)
        #expect(network.name == "repvgg")
        #expect(network.inputSize == [32, 32])
        let shapes = try network.shapes(input: [1, 3, 32, 32])
        #expect(shapes[network.layers.firstIndex { $0.name == "gap" } ?? 0] == [1, 1280, 4, 4])
        #expect(network.fusedCheckpoint().metadata == stored.metadata)
        #expect(try Network(stored, options: .init(strides: [2, 2, 2, 2, 2])).name == "repvgg-a0")
        for strides in ["1,1,2", "1,1,2,2,9", "1,1,2,2,x", "1,1,2,2,99999999999999999999", ""] {
            stored.metadata["harness.strides"] = strides
            #expect(throws: NetworkError.self) { try Network(stored) }
        }
    }

    @Test(arguments: ["repvgg-a0:train", "repvgg-d2se:train", "repvgg-b1g4:train", "resnet-50"])
    func fusedCheckpointsLoad(name: String) throws {
        let network = try Network.random(name)
        let loaded = try Network(network.fusedCheckpoint())
        #expect(outline(loaded.fused()) == outline(network.fused()))
        #expect(loaded.name == network.name)
        #expect(loaded.inputSize == network.inputSize)
    }

    /// An identity branch in a stage's first block means stride 1.
    @Test func strideComesFromTheIdentityBranch() throws {
        let identity = { (key: String) in
            key.hasPrefix("stage1.1.rbr_identity") ? key.replacing("stage1.1", with: "stage1.0") : nil
        }
        let original = checkpoint(of: try Network.random("repvgg-a0:train"))
        var stored = original
        for (key, tensor) in original.tensors { if let name = identity(key) { stored.tensors[name] = tensor } }
        let network = try Network(stored)
        #expect(try network.shapes(input: [1, 3, 64, 64])[network.layers.firstIndex { $0.name == "gap" } ?? 0][2] == 4)
    }
}
