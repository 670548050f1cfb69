import Engine
import Foundation
import Interchange
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

struct UpsamplerTests {
    @Test(
        .enabled(if: Shared.exists, "needs the folder of golden files, see Shared"),
        arguments: [
            ("liif_edsr.safetensors", [37, 61]), ("liif_edsr.pth", [40, 54]), ("liif_edsr.pth", [80, 108]),
            ("liif_nocell.pth", [33, 41]), ("liif_nounfold.pth", [33, 41]), ("liif_noens.pth", [33, 41]),
        ])
    func officialOutputs(file: String, size: [Int]) throws {
        let network = try Network(Checkpoint.read(Shared.path("golden/" + file)))
        let golden = try Checkpoint.read(Shared.path("golden/\(file.prefix { $0 != "." }).io.safetensors")).tensors
        let image = try #require(golden["image"]).floats()
        let expected = try #require(golden["raw_\(size[0])x\(size[1])"]).floats()
        for isa in ISA.available {
            let upsampler = try Upsampler(
                network.fused(), inputSize: Array(image.shape[2...]), outputSize: size,
                options: PlanOptions(threads: 2, isa: isa))
            #expect(relativeError(upsampler.run(image), expected) < 1e-5, "\(isa)")
        }
    }

    /// An RDN encoder, by a forward pass written apart (Fixtures/rdn.py).
    @Test(arguments: [[22, 16], [41, 29], [11, 8]])
    func residualDenseNetwork(size: [Int]) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures"
        let network = try Network(Checkpoint.read(folder + "/rdn.safetensors"))
        let golden = try Checkpoint.read(folder + "/rdn.io.safetensors").tensors
        let image = try #require(golden["image"]).floats()
        let expected = try #require(golden["raw_\(size[0])x\(size[1])"]).floats()
        let upsampler = try Upsampler(
            network.fused(), inputSize: [11, 8], outputSize: size, options: PlanOptions(threads: 2))
        #expect(relativeError(upsampler.run(image), expected) < 1e-5)
    }

    /// Whatever is skipped or computed once, the sums of the definition come out: odd and even scales, sides of one
    /// pixel, each switch of the decoder, widths that are no whole blocks.
    @Test(arguments: [
        ([5, 4], [15, 12]), ([5, 4], [10, 16]), ([1, 1], [5, 4]), ([1, 7], [3, 7]), ([6, 5], [17, 5]),
        ([4, 6], [4, 6]),
    ])
    func definition(input: [Int], output: [Int]) throws {
        for (unfolds, ensembles, decodesCell) in [(true, true, true), (false, true, false), (true, false, true)] {
            let network = Self.decoderAlone(unfolds: unfolds, ensembles: ensembles, decodesCell: decodesCell)
            let image = Tensor.normal(shape: [1, 3] + input, seed: 7)
            let upsampler = try Upsampler(
                network, inputSize: input, outputSize: output, options: PlanOptions(threads: 1))
            let expected = Self.reference(network, image, output)
            #expect(relativeError(upsampler.run(image), expected) < 2e-5, "\(unfolds) \(ensembles) \(decodesCell)")
        }
    }

    /// The image is large enough to be cut; any memory limit and thread count gives the same bits.
    @Test func tilesDoNotShow() throws {
        let network = Self.decoderAlone(unfolds: true, ensembles: true, decodesCell: true, convolutions: 3)
        let size = [260, 520]
        let image = Tensor.normal(shape: [1, 3] + size, seed: 3)
        var digests: Set<String> = []
        var tiles: Set<Int> = []
        for (limit, threads) in [(nil, 1), (24_000_000, 1), (12_000_000, 2)] {
            let upsampler = try Upsampler(
                network, inputSize: size, outputSize: [311, 600], options: PlanOptions(threads: threads),
                memoryLimit: limit)
            tiles.insert(upsampler.tiles)
            digests.insert(Digest.sha256(upsampler.run(image)))
        }
        #expect(tiles.count == 3)
        #expect(digests.count == 1)
        #expect(throws: EngineError.self) {
            _ = try Upsampler(
                network, inputSize: size, outputSize: size, options: PlanOptions(threads: 1), memoryLimit: 100_000)
        }
    }

    @Test func encodersMatchTheirLayers() throws {
        for name in ["liif-edsr-baseline", "liif-rdn-a"] {
            var encoder = try Network.random(name, seed: 5)
            encoder.decoder = nil
            let input = Tensor.normal(shape: [1, 3, 9, 8], seed: 2, deviation: 0.5)
            let expected = Interpreter.run(encoder, input)
            let plan = try Plan(encoder.fused(), inputShape: input.shape, options: PlanOptions(threads: 2))
            #expect(relativeError(plan.run(input), expected) < 1e-4, "\(name)")
        }
    }

    /// A few convolutions and a decoder with uneven widths.
    private static func decoderAlone(
        unfolds: Bool, ensembles: Bool, decodesCell: Bool, convolutions: Int = 1
    ) -> Network {
        var network = Network(name: "test", family: "liif", form: .plain)
        var (value, channels) = (0, 3)
        for index in 0..<convolutions {
            let weights = Tensor.normal(shape: [5, channels, 3, 3], seed: UInt64(10 + index), deviation: 0.3)
            value = network.append(
                "conv\(index)", .convolution(Convolution(weights: .dense(weights), padding: 1)), value)
            channels = 5
        }
        var inputs = 5 * (unfolds ? 9 : 1) + (decodesCell ? 4 : 2)
        var layers: [(name: String, linear: Linear)] = []
        for (index, outputs) in [19, 33, 3].enumerated() {
            let seed = UInt64(100 + index)
            let weights = Tensor.normal(shape: [outputs, inputs], seed: seed, deviation: 0.2)
            let bias = Tensor.normal(shape: [outputs], seed: seed + 50, deviation: 0.2)
            layers.append(("layer\(index)", Linear(weights: .dense(weights), bias: bias)))
            inputs = outputs
        }
        network.decoder = ImplicitDecoder(
            layers: layers, features: 5, unfolds: unfolds, ensembles: ensembles, decodesCell: decodesCell)
        return network
    }

    /// The definition in double precision, point by point: every output pixel asks up to four times.
    private static func reference(_ network: Network, _ image: Tensor, _ size: [Int]) -> Tensor {
        let decoder = network.decoder!
        let scaled = Tensor(shape: image.shape, image.floats.map { ($0 - 0.5) / 0.5 })
        var encoder = network
        encoder.decoder = nil
        let features = Interpreter.run(encoder, scaled)
        let (height, width) = (image.shape[2], image.shape[3])
        func latent(_ y: Int, _ x: Int) -> [Double] {
            let reach = decoder.unfolds ? 1 : 0
            var values: [Double] = []
            for channel in 0..<decoder.features {
                for dy in -reach...reach {
                    for dx in -reach...reach {
                        let (row, column) = (y + dy, x + dx)
                        let isInside = (0..<height).contains(row) && (0..<width).contains(column)
                        values.append(isInside ? Double(features.floats[(channel * height + row) * width + column]) : 0)
                    }
                }
            }
            return values
        }
        func centre(_ index: Int, _ count: Int) -> Double { (2 * Double(index) + 1) / Double(count) - 1 }
        func nearest(_ place: Double, _ count: Int) -> Int {
            Int(((place + 1) * Double(count) / 2 - 0.5).rounded(.toNearestOrEven))
        }
        var result = [Float](repeating: 0, count: 3 * size[0] * size[1])
        for row in 0..<size[0] {
            for column in 0..<size[1] {
                let point = (centre(row, size[0]), centre(column, size[1]))
                var answers: [(values: [Double], area: Double)] = []
                for vy in decoder.ensembles ? [-1.0, 1] : [0] {
                    for vx in decoder.ensembles ? [-1.0, 1] : [0] {
                        let shift = decoder.ensembles ? 1e-6 : 0
                        func shifted(_ value: Double, _ side: Double, _ count: Int) -> Double {
                            min(max(value + side / Double(count) + shift, -1 + 1e-6), 1 - 1e-6)
                        }
                        let y = nearest(shifted(point.0, vy, height), height)
                        let x = nearest(shifted(point.1, vx, width), width)
                        let dy = (point.0 - centre(y, height)) * Double(height)
                        let dx = (point.1 - centre(x, width)) * Double(width)
                        var values = latent(y, x) + [dy, dx]
                        if decoder.decodesCell {
                            values += [2 * Double(height) / Double(size[0]), 2 * Double(width) / Double(size[1])]
                        }
                        answers.append((run(decoder, values), abs(dy * dx) + 1e-9))
                    }
                }
                let total = answers.reduce(0) { $0 + $1.area }
                for channel in 0..<3 {
                    var sum = 0.0
                    for (index, answer) in answers.enumerated() {
                        sum += answer.values[channel] * answers[answers.count - 1 - index].area / total
                    }
                    result[(channel * size[0] + row) * size[1] + column] = Float(sum * 0.5 + 0.5)
                }
            }
        }
        return Tensor(shape: [3] + size, result)
    }

    private static func run(_ decoder: ImplicitDecoder, _ input: [Double]) -> [Double] {
        var values = input
        for (index, layer) in decoder.layers.enumerated() {
            let weights = layer.linear.weights.dense()
            let bias = layer.linear.bias!
            values = (0..<weights.shape[0]).map { output in
                var sum = Double(bias.floats[output])
                for (i, value) in values.enumerated() {
                    sum += Double(weights.floats[output * values.count + i]) * value
                }
                return index < decoder.layers.count - 1 ? max(sum, 0) : sum
            }
        }
        return values
    }
}
