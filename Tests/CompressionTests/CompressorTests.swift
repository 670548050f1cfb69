import Compression
import Engine
import Foundation
import Interchange
import Networks
import Tensors
import TestSupport
import Testing

struct CompressorTests {
    /// A network small enough to compress in a test: the shipped ones.
    private func shipped(_ name: String) throws -> Network {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try Network.load(
            root.appendingPathComponent("models/\(name)/\(name).safetensors").path,
            options: NetworkOptions(inputSize: [28, 28]))
    }

    private func compress(_ network: Network, _ settings: CompressionSettings, threads: Int = 1) throws
        -> Compressor.Output
    {
        try Compressor(settings, threads: threads).compress(network)
    }

    /// The checkpoint through a file.
    private func reload(_ output: Compressor.Output, _ settings: CompressionSettings, packs: Bool) throws -> Network {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).safetensors")
            .path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try output.checkpoint(settings: settings, source: "abc", packsCodes: packs).write(to: path)
        return try Network.load(path)
    }

    @Test(arguments: ["repvgg-mnist", "vgg-mnist"], CompressionSettings.Method.allCases)
    func roundTrip(name: String, method: CompressionSettings.Method) throws {
        var settings = CompressionSettings(method: method)
        (settings.k, settings.iterations, settings.searchSteps) = (48, 5, 200)
        settings.scalesRows = method == .pqf
        let output = try compress(try shipped(name), settings)
        let digests = try weights(output.network.fused()).map(Digest.sha256)
        for packs in [false, true] {
            let read = try reload(output, settings, packs: packs)
            #expect(try weights(read.fused()).map(Digest.sha256) == digests)
            #expect(read.inputSize == [28, 28])
            #expect(method == .fp16 || read.countedBits == output.report.bits)
            #expect(method == .fp16 || read.weightBytes < output.network.denseBytes / 3)
        }
        #expect(output.report.bits < output.report.denseBits / (method == .fp16 ? 1 : 3))
    }

    /// The same bits for any number of threads, and others for another seed.
    @Test func threadsAndSeeds() throws {
        let network = try shipped("repvgg-mnist")
        var settings = CompressionSettings()
        (settings.blocks, settings.iterations, settings.searchSteps) = (.large, 8, 500)
        let one = try weights(compress(network, settings, threads: 1).network).map(Digest.sha256)
        #expect(try weights(compress(network, settings, threads: 2).network).map(Digest.sha256) == one)
        #expect(try weights(compress(network, settings, threads: 3).network).map(Digest.sha256) == one)
        settings.seed = 2
        #expect(try weights(compress(network, settings, threads: 2).network).map(Digest.sha256) != one)
    }

    @Test(arguments: ["repvgg-mnist", "vgg-mnist"]) func permutingHelps(name: String) throws {
        var settings = CompressionSettings()
        settings.blocks = .large
        let report = try compress(try shipped(name), settings, threads: 2).report
        #expect(!report.groups.isEmpty)
        for group in report.groups { #expect(group.after < group.before, "\(group)") }
        #expect(try #require(report.functionDifference) <= 1e-5)
        let errors = report.layers.compactMap { layer -> Double? in
            guard layer.objectiveBefore != nil, let before = layer.errorBefore, let after = layer.error else {
                return nil
            }
            return after / before
        }
        #expect(errors.count > 3)
        #expect(errors.reduce(0, +) / Double(errors.count) < 1)
    }

    @Test(arguments: ["repvgg-mnist", "vgg-mnist"]) func equalizingKeepsTheFunction(name: String) throws {
        var settings = CompressionSettings()
        (settings.equalizes, settings.iterations, settings.searchSteps) = (true, 3, 10)
        let report = try compress(try shipped(name), settings).report
        #expect(try #require(report.functionDifference) <= 1e-5)
    }

    @Test func refusesWeightsThatAreNoNumbers() throws {
        var network = try shipped("vgg-mnist")
        guard case .linear(var linear) = network.layers[network.layers.count - 1].operation else { return }
        linear.weights = .dense(Tensor(shape: linear.weights.shape) { $0.update(repeating: .nan) })
        network.layers[network.layers.count - 1].operation = .linear(linear)
        #expect(throws: CompressionError.self) { try Compressor(.init(), threads: 1).compress(network) }
    }

    /// The authors' networks in our form and back have the weights that they had.
    @Test(
        .enabled(if: Shared.exists, "needs the folder of golden files, see Shared"),
        arguments: ["resnet18", "resnet18_large", "resnet50_large"])
    func repacks(file: String) throws {
        let stored = try Checkpoint.read(Shared.path("checkpoints/pqf/\(file).pth"))
        let output = try compress(try Network(stored), .init())
        let packed = try reload(output, .init(), packs: true)
        let plain = try compress(packed, .init()).checkpoint(settings: .init(), source: "", packsCodes: false)
        #expect(Set(plain.tensors.keys) == Set(stored.tensors.keys))
        for (name, tensor) in stored.tensors {
            #expect(try plain.tensors[name]?.bytes() == tensor.bytes(), "\(name)")
            #expect(plain.tensors[name]?.scalarType == tensor.scalarType)
        }
    }

    @Test func brokenPackedFiles() throws {
        var settings = CompressionSettings()
        (settings.k, settings.iterations, settings.searchSteps) = (16, 2, 0)
        let output = try compress(try shipped("vgg-mnist"), settings)
        let good = output.checkpoint(settings: settings, source: "")
        let name = try #require(good.tensors.keys.first { $0.hasSuffix(".codes_packed") }?.dropLast(13))
        _ = try Network(good)
        let changes: [(String, StoredTensor?)] = [
            (".codes_shape", StoredTensor([Int32(-1), 4], shape: [2])),
            (".codes_shape", StoredTensor([Int32.max, .max], shape: [2])),
            (".codes_shape", StoredTensor([Int32(1), 1], shape: [2])),
            (".codes_shape", StoredTensor([Int32(1)], shape: [1])), (".codes_shape", nil), (".codebook", nil),
            (".codes_packed", StoredTensor([UInt8(1)], shape: [1])),
            (".codes_packed", StoredTensor([Int8(1)], shape: [1])),
        ]
        for (suffix, tensor) in changes {
            var bad = good
            bad.tensors[name + suffix] = tensor
            #expect(throws: NetworkError.self, "\(suffix)") { try Network(bad) }
        }
    }

    private func weights(_ network: Network) throws -> [Tensor] {
        network.layers.flatMap { layer in
            [layer.operation.weights?.dense(), layer.operation.bias].compactMap(\.self)
        }
    }
}
