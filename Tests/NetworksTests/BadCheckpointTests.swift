import Engine
import Interchange
import Networks
import TestSupport
import Testing

/// Checkpoints that are almost a network's: one clear error each, and never a trap.
struct BadCheckpointTests {
    static let names = ["repvgg-a0:train", "repvgg-a0", "resnet-18", "resnet-50", "vgg-11", "vgg-11-bn"]

    @Test(arguments: names) func everyTensorIsNeeded(name: String) throws {
        let original = checkpoint(of: try Network.random(name))
        for key in original.tensors.keys {
            let error = #expect(throws: NetworkError.self, "without \(key)") {
                try Network(original.renamed { $0 == key ? nil : $0 })
            }
            #expect(error?.description.hasPrefix("memory.safetensors: ") == true)
        }
    }

    @Test(arguments: ["repvgg-a0:train", "resnet-50", "vgg-11-bn"]) func everyShapeIsExact(name: String) throws {
        let original = checkpoint(of: try Network.random(name))
        for (index, (key, tensor)) in original.tensors.enumerated() where index % 7 < 2 && tensor.count < 1 << 20 {
            var shapes: [[Int]] = [
                [], [0], [1 << 40], [tensor.count], [1, 1, 1, 1, 1], [0, 0, 0, 0], [1 << 30, 1 << 30],
            ]
            // Other input channels of a convolution can be those of a grouped one.
            for axis in tensor.shape.indices where tensor.shape.count < 4 || axis != 1 {
                for extent in [0, 1, tensor.shape[axis] + 1, tensor.shape[axis] * 2, 1 << 21] {
                    var shape = tensor.shape
                    shape[axis] = extent
                    shapes.append(shape)
                }
            }
            for shape in shapes where shape != tensor.shape {
                #expect(throws: NetworkError.self, "\(key) of \(shape)") { try Network(original.with(key, shape)) }
            }
        }
    }

    @Test func messagesNameFileKeyAndShapes() throws {
        let original = checkpoint(of: try Network.random("resnet-18"))
        func message(_ checkpoint: Checkpoint) -> String? {
            #expect(throws: NetworkError.self) { try Network(checkpoint) }?.description
        }
        #expect(
            message(original.with("bn1.running_mean", [63]))
                == "memory.safetensors: bn1.running_mean: expected shape 64, found 63")
        #expect(
            message(original.renamed { $0 == "fc.bias" ? nil : $0 })
                == "memory.safetensors: the tensor fc.bias is missing")
        #expect(
            message(original.with("extra.weight", [1]).with("another", [1]))
                == "memory.safetensors: 2 unexpected tensors: another, extra.weight")
        #expect(
            message(original.with("fc.bias", [1000], .int64))
                == "memory.safetensors: fc.bias: is int64, expected floating-point numbers")
        let hostile = "a\nb" + String(repeating: "c", count: 1000)
        let line = message(original.with(hostile, [1])) ?? ""
        #expect(line.contains("a?bccc") && line.count < 200)
        #expect(message(Checkpoint(file: "a.pth"))?.contains("no known network") == true)
        #expect(message(Checkpoint(file: "a.pth").with("fc.centroids", [1]))?.contains("BGD") == true)
    }

    @Test(
        .enabled(if: Shared.exists, "needs the folder of golden files, see Shared"),
        arguments: [
            "checkpoints/other/bgd_resnet18_small_blocks.pth", "checkpoints/other/repopt_b1_scales.pth",
            "golden/vgg.io.safetensors", "golden/missing.pth",
        ])
    func otherFiles(path: String) {
        let error = #expect(throws: NetworkError.self) { try Network.load(Shared.path(path)) }
        #expect(error?.description.hasPrefix(Shared.path(path) + ": ") == true)
    }

    @Test func ignoresBatchCounters() throws {
        let network = try Network.random("resnet-18")
        let stored = checkpoint(of: network).with("bn1.num_batches_tracked", [], .int64)
        #expect(outline(try Network(stored)) == outline(network))
    }

    @Test func badBatchNormsAndNames() throws {
        let training = checkpoint(of: try Network.random("repvgg-a0:train"))
        var negative = training
        negative.tensors["stage0.rbr_dense.bn.running_var"] = training.tensors["stage0.rbr_dense.bn.running_mean"]
        #expect(throws: NetworkError.self) { try Network(negative) }
        #expect(throws: NetworkError.self) { try Network(training.with("stem.conv_kxk.conv.weight", [48, 3, 3, 3])) }
        #expect(throws: NetworkError.self) { try Network(training.with("stage999999999999999999.0.rbr_1x1.x", [1])) }
        let vgg = checkpoint(of: try Network.random("vgg-11"))
        for place in ["1", "20", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "x", ""] {
            #expect(throws: NetworkError.self) { try Network(vgg.with("features.\(place).weight", [8, 8, 3, 3])) }
            #expect(throws: NetworkError.self) { try Network(vgg.with("classifier.\(place).weight", [8, 8])) }
        }
    }
}
