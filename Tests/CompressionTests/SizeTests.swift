import Compression
import Engine
import Networks
import TestSupport
import Testing

struct SizeTests {
    struct Figure: Sendable {
        let name: String
        let blocks: CompressionSettings.Blocks
        let linearD: Int
        let linearK: Int
        let mebibytes: Double
        let ratio: Double
    }

    /// Computed with the authors' accounting.
    static let figures =
        [
            ("repvgg-a0", 4, 1024, 1.252, 25.3, 0.972, 32.6), ("repvgg-a2", 4, 1024, 3.112, 31.3, 1.928, 50.5),
            ("repvgg-b1", 4, 1024, 6.068, 32.6, 3.550, 55.7), ("repvgg-b3", 4, 1024, 12.453, 34.0, 6.829, 62.0),
            ("vgg-16", 4, 256, 31.15, 16.9, 30.43, 17.3), ("vgg-16", 8, 256, 16.42, 32.1, 15.69, 33.6),
            ("vgg-16", 16, 256, 9.06, 58.2, 8.34, 63.3),
        ].flatMap { name, d, k, small, smallRatio, large, largeRatio in
            [
                Figure(name: name, blocks: .small, linearD: d, linearK: k, mebibytes: small, ratio: smallRatio),
                Figure(name: name, blocks: .large, linearD: d, linearK: k, mebibytes: large, ratio: largeRatio),
            ]
        }

    @Test(arguments: figures) func countedSize(_ figure: Figure) throws {
        let network = try Network.blueprint(figure.name)
        var settings = CompressionSettings()
        (settings.blocks, settings.linearD, settings.linearK) = (figure.blocks, figure.linearD, figure.linearK)
        let bits = try network.countedBits(after: settings)
        let tolerance = figure.mebibytes < 7 || figure.name != "vgg-16" ? 6e-4 : 6e-3
        #expect(abs(Double(bits) / 8 / 1_048_576 - figure.mebibytes) < tolerance)
        #expect(abs(Double(network.denseBits) / Double(bits) - figure.ratio) < 0.06)
    }

    /// The paper's table 1, for the networks that its authors published: bits exactly.
    static let published: [(String, Int, Int, Int, CompressionSettings.Blocks, Int)] = [
        ("resnet18", 12_927_232, 4, 2048, .small, 18), ("resnet18_large", 8_634_624, 4, 2048, .large, 18),
        ("resnet50_large", 26_718_976, 8, 1024, .large, 50),
    ]

    @Test(arguments: published) func sizeOfPublishedSettings(
        file: String, bits: Int, pointwiseD: Int, linearK: Int, blocks: CompressionSettings.Blocks, depth: Int
    ) throws {
        var settings = CompressionSettings()
        (settings.blocks, settings.pointwiseD, settings.linearK) = (blocks, pointwiseD, linearK)
        #expect(try Network.blueprint("resnet-\(depth)").countedBits(after: settings) == bits)
    }

    @Test(.enabled(if: Shared.exists, "needs the folder of golden files, see Shared"), arguments: published)
    func sizeOfPublishedFile(
        file: String, bits: Int, pointwiseD: Int, linearK: Int, blocks: CompressionSettings.Blocks, depth: Int
    ) throws {
        #expect(try Network.load(Shared.path("checkpoints/pqf/\(file).pth")).countedBits == bits)
    }

    /// Settings that do not fit give way as documented.
    @Test func adaptsToLayers() throws {
        var settings = CompressionSettings()
        (settings.k, settings.linearD, settings.blocks) = (1 << 16, 7, .large)
        let layouts = try Network.blueprint("resnet-18").layouts(settings)
        #expect(!layouts.contains { $0.name == "conv1" })
        let first = try #require(layouts.first { $0.name == "layer1.0.conv1" })
        #expect(first.d == 18 && first.k == 512)
        let linear = try #require(layouts.last)
        #expect(linear.d == 4 && linear.k == 16384)
        for layout in layouts { #expect(layout.k <= max(layout.subvectors / 4, 1)) }
        var keep = CompressionSettings()
        keep.keep = ["layer4", "fc"]
        #expect(try Network.blueprint("resnet-18").layouts(keep).count == 14)
    }

    @Test func refusesImpossibleSettings() throws {
        let network = try Network.blueprint("resnet-18")
        var settings = CompressionSettings()
        settings.keep = ["layer9"]
        #expect(throws: CompressionError.self) { try network.layouts(settings) }
        settings.keep = ["layer"]
        #expect(throws: CompressionError.self) { try network.layouts(settings) }
        for k in [-1, 0, 1, 1 << 17] {
            var settings = CompressionSettings()
            settings.k = k
            #expect(throws: CompressionError.self) { try network.layouts(settings) }
        }
        for d in [-1, 0, 1000] {
            var settings = CompressionSettings()
            settings.linearD = d
            #expect(throws: CompressionError.self) { try network.layouts(settings) }
        }
    }
}
