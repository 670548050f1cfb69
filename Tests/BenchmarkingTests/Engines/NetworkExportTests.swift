import Benchmarking
import Engine
import Foundation
import Interchange
import Kernels
import Tensors
import Testing

@Suite struct NetworkExportTests {
    private static let project = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let areInstalled = FileManager.default.fileExists(
        atPath: project.appendingPathComponent(".engines/bin/python").path)

    private func inTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("export-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder.path)
    }

    /// A network with a layer of every operation, in which two layers share a name.
    private func everyOperation() -> Network {
        let ones = Tensor(shape: [2], [1, 1])
        var network = Network(name: "all", family: "test", form: .plain, inputChannels: 2, inputSize: [4, 4])
        let codes = ProductQuantized(
            shape: [2, 2, 1, 1], codes: .bytes([1, 0]), codebook: Tensor(shape: [2, 2], [1, 2, 3, 4]))
        let first = network.append(
            "conv",
            .convolution(
                Convolution(
                    weights: .quantized(codes), bias: Tensor(shape: [2], [5, 6]), stride: 2, padding: 1, groups: 1,
                    activation: .relu)), 0)
        let second = network.append(
            "conv",
            .convolution(Convolution(weights: .dense(Tensor(shape: [2, 2, 1, 1], [1, 0, 0, 1])), padding: 0)), first,
            first)
        let norm = network.append(
            "norm", .batchNorm(BatchNorm(weight: ones, bias: ones, mean: ones, variance: ones, epsilon: 0.25)), second)
        let relu = network.append("relu", .relu, norm)
        let gate = network.append("gate", .sigmoid, network.append("squeeze", .globalAveragePool, relu))
        let gated = network.append("gated", .multiply, relu, gate)
        let scaled = network.append("scaled", .scale(0.5), gated)
        let sum = network.append("sum", .add, scaled, relu, gated)
        let joined = network.append("joined", .concatenate, sum, relu)
        let pooled = network.append("pool", .maxPool(size: 3, stride: 2, padding: 1), joined)
        let average = network.append("average", .adaptiveAveragePool(height: 1, width: 2), pooled)
        let flat = network.append("flat", .flatten, average)
        _ = network.append(
            "head", .linear(Linear(weights: .dense(Tensor(shape: [1, 8], [Float](repeating: 1, count: 8))))), flat)
        return network
    }

    @Test func writesEveryOperation() async throws {
        try await inTemporaryFolder { folder in
            let network = everyOperation()
            let input = Tensor(shape: [1, 2, 4, 4], (0..<32).map(Float.init))
            try NetworkExport.write(network, input: input, output: Tensor(shape: [1, 1], [7]), to: folder)
            #expect(try Checkpoint.read(folder + "/input.safetensors").tensors["input"]?.floats().array == input.array)
            #expect(try Checkpoint.read(folder + "/output.safetensors").tensors["output"]?.floats().array == [7])

            let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/network.json"))
            let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            #expect(json["name"] as? String == "all")
            #expect(json["input"] as? [Int] == [1, 2, 4, 4])
            #expect(json["output"] as? Int == network.layers.count)
            let layers = try #require(json["layers"] as? [[String: Any]])
            #expect(layers.map { $0["inputs"] as? [Int] } == network.layers.map(\.inputs))
            let operations = [
                "convolution", "convolution", "batch_norm", "relu", "global_average_pool", "sigmoid", "multiply",
                "scale",
                "add", "concatenate", "max_pool", "adaptive_average_pool", "flatten", "linear",
            ]
            #expect(layers.map { $0["operation"] as? String } == operations)
            #expect(layers[0]["stride"] as? Int == 2 && layers[0]["activation"] as? String == "relu")
            #expect(layers[1]["bias"] == nil && layers[1]["padding"] as? Int == 0)
            #expect(layers[2]["epsilon"] as? Double == 0.25)
            #expect(layers[7]["factor"] as? Double == 0.5)
            #expect(["size", "stride", "padding"].map { layers[10][$0] as? Int } == [3, 2, 1])
            #expect(["height", "width"].map { layers[11][$0] as? Int } == [1, 2])

            let weights = try Checkpoint.read(folder + "/weights.safetensors").tensors
            #expect(weights.count == 8)
            func values(_ layer: Int, _ role: String) throws -> [Float]? {
                try weights[try #require(layers[layer][role] as? String)]?.floats().array
            }
            #expect(try values(0, "weight") == [3, 4, 1, 2])
            #expect(try values(0, "bias") == [5, 6])
            #expect(try values(1, "weight") == [1, 0, 0, 1])
            #expect(try values(2, "variance") == [1, 1])
        }
    }

    @Test func namesTheFileThatCannotBeWritten() {
        let input = Tensor(shape: [1, 2, 4, 4], [Float](repeating: 0, count: 32))
        #expect {
            try NetworkExport.write(everyOperation(), input: input, output: input, to: "/nowhere")
        } throws: { "\($0)".hasPrefix("/nowhere/network.json: ") }
    }

    /// Contenders on a network whose output is known by hand: sums over the channels of a 1×1 convolution.
    @Test(
        .enabled(if: areInstalled, "other engines are not installed: make engines"),
        arguments: EngineCatalogue(suites: project.path + "/suites").names.filter {
            !["native", "pillow"].contains($0)
        })
    func otherEnginesRunWhatIsWritten(_ engine: String) async throws {
        var network = Network(name: "tiny", family: "test", form: .plain, inputChannels: 2, inputSize: [2, 2])
        _ = network.append(
            "conv",
            .convolution(
                Convolution(
                    weights: .dense(Tensor(shape: [2, 2, 1, 1], [1, 10, -1, -10])),
                    bias: Tensor(shape: [2], [0.5, 0.5]),
                    padding: 0, activation: .relu)), 0)
        _ = network.append("squeeze", .globalAveragePool, 1)
        _ = network.append("flat", .flatten, 2)
        _ = network.append("head", .linear(Linear(weights: .dense(Tensor(shape: [3, 2], [1, 0, 0, 1, 2, 2])))), 3)
        let input = Tensor(shape: [2, 2, 2, 2], (0..<16).map { Float($0 % 8) })
        let expected: [Float] = [57, 0, 114, 57, 0, 114]
        let catalogue = EngineCatalogue(suites: Self.project.path + "/suites")
        try await inTemporaryFolder { folder in
            try NetworkExport.write(network, input: input, output: Tensor(shape: [2, 3], expected), to: folder)
            let contender = try catalogue.contender(engine)
            let output = folder + "/\(engine).safetensors"
            try await EngineProcess.with(
                engine: engine, executable: contender.executable, arguments: contender.arguments
            ) { process in
                let loaded: ContenderLoaded = try await process.ask(
                    ContenderLoad(
                        network: folder + "/network.json", weights: folder + "/weights.safetensors",
                        input: folder + "/input.safetensors", output: output, threads: 1), timeout: 300)
                #expect(loaded.engine == engine && loaded.loadSeconds > 0 && loaded.firstSeconds > 0)
                #expect((loaded.note != nil) == (engine == "ncnn"))
                let samples: WorkerSamples = try await process.ask(WorkerCommand.run(count: 5), timeout: 300)
                #expect(samples.seconds.count == 5)
            }
            let found = try Checkpoint.read(output).tensors["output"]?.floats()
            #expect(found?.shape == [2, 3])
            #expect(zip(try #require(found).array, expected).allSatisfy { abs($0 - $1) <= 1e-3 })
        }
    }
}
