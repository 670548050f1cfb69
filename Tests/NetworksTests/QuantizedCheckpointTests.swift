import Engine
import Interchange
import Networks
import Tensors
import TestSupport
import Testing

struct QuantizedCheckpointTests {
    /// The sizes that PQF's paper gives (table 1) come from these files; names and shapes are torchvision's.
    @Test(
        .enabled(if: Shared.exists, "needs the folder of golden files, see Shared"),
        arguments: [("resnet18", "resnet-18"), ("resnet18_large", "resnet-18"), ("resnet50_large", "resnet-50")])
    func authorsFiles(file: String, name: String) throws {
        let network = try Network.load(Shared.path("checkpoints/pqf/\(file).pth"))
        #expect(network.name == name)
        #expect(outline(network) == outline(try Network.random(name)))
        #expect(network.weightBytes < network.denseBytes / 15)
        let layer = try #require(network.layers.first { $0.name == "layer1.0.conv1" })
        guard case .convolution(let convolution) = layer.operation, case .quantized(let weights) = convolution.weights
        else { throw Misread() }
        let decoded = weights.decoded().array
        if file == "resnet18" {
            let row: [Float] = [
                -0.018341, 0.098999, 0.061768, -0.03476, -0.035736, 0.082947, -0.033447, 0.125854, 0.095337,
            ]
            #expect(zip(decoded, row).allSatisfy { abs($0 - $1) < 1e-5 })
        }
        let folded = network.fused()
        #expect(folded.layers.allSatisfy { $0.operation.kind != "batch norm" })
        #expect(folded.weightBytes < network.denseBytes / 15)
    }

    @Test func codesBeyondTheCodebookAndWrongShapes() throws {
        var stored = checkpoint(of: try Network.random("resnet-18"))
        stored.tensors["fc.weight"] = nil
        let good = stored.with("fc.codes_matrix", [1000, 128], .uint8).with("fc.codebook", [16, 4])
        #expect(try Network(good).name == "resnet-18")
        #expect(throws: NetworkError.self) { try Network(good.with("fc.codes_matrix", [1000, 127], .uint8)) }
        #expect(throws: NetworkError.self) { try Network(good.with("fc.codes_matrix", [999, 128], .uint8)) }
        #expect(throws: NetworkError.self) { try Network(good.with("fc.codes_matrix", [128_000], .uint8)) }
        #expect(throws: NetworkError.self) { try Network(good.with("fc.codebook", [0, 4])) }
        #expect(throws: NetworkError.self) { try Network(good.with("fc.codebook", [16, 0])) }
        #expect(throws: NetworkError.self) { try Network(good.with("fc.codebook", [16, 1 << 40])) }
        let codes = Storage(byteCount: 128_000)
        codes.base.storeBytes(of: 16, toByteOffset: 77, as: UInt8.self)
        var beyond = good
        beyond.tensors["fc.codes_matrix"] = StoredTensor(
            scalarType: .uint8, shape: [1000, 128], storage: codes, byteOffset: 0)
        let error = #expect(throws: NetworkError.self) { try Network(beyond) }
        #expect(error?.description.contains("the code 16") == true)
    }

    private struct Misread: Error {}
}
