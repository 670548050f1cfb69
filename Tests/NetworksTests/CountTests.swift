import Engine
import Networks
import Testing

/// Parameters and multiply-adds of the known architectures against the published figures.
@Suite(.serialized)
struct CountTests {
    struct Figures: Sendable {
        let name: String
        /// In millions, for an input of 224×224.
        let parameters: Double
        let multiplyAdds: Double
    }

    /// RepVGG's paper, table 4, with the digits that a count of the official code adds.
    static let repVGGs = [
        Figures(name: "a0", parameters: 8.309, multiplyAdds: 1361),
        Figures(name: "a0:train", parameters: 9.109, multiplyAdds: 1513),
        Figures(name: "a1", parameters: 12.790, multiplyAdds: 2364),
        Figures(name: "a1:train", parameters: 14.092, multiplyAdds: 2626),
        Figures(name: "a2", parameters: 25.500, multiplyAdds: 5117),
        Figures(name: "a2:train", parameters: 28.211, multiplyAdds: 5685),
        Figures(name: "b0", parameters: 14.339, multiplyAdds: 3058),
        Figures(name: "b0:train", parameters: 15.818, multiplyAdds: 3397),
        Figures(name: "b1", parameters: 51.829, multiplyAdds: 11815),
        Figures(name: "b1:train", parameters: 57.415, multiplyAdds: 13128),
        Figures(name: "b1g2", parameters: 41.36, multiplyAdds: 8810),
        Figures(name: "b1g2:train", parameters: 45.782, multiplyAdds: 9788),
        Figures(name: "b1g4", parameters: 36.125, multiplyAdds: 7307),
        Figures(name: "b1g4:train", parameters: 39.966, multiplyAdds: 8119),
        Figures(name: "b2", parameters: 80.315, multiplyAdds: 18377),
        Figures(name: "b2:train", parameters: 89.022, multiplyAdds: 20418),
        Figures(name: "b2g4", parameters: 55.778, multiplyAdds: 11332),
        Figures(name: "b2g4:train", parameters: 61.758, multiplyAdds: 12591),
        Figures(name: "b3", parameters: 110.961, multiplyAdds: 26209),
        Figures(name: "b3:train", parameters: 123.085, multiplyAdds: 29121),
        Figures(name: "b3g4", parameters: 75.627, multiplyAdds: 16064),
        Figures(name: "b3g4:train", parameters: 83.825, multiplyAdds: 17849),
        Figures(name: "d2se", parameters: 120.388, multiplyAdds: 32830),
        Figures(name: "d2se:train", parameters: 133.335, multiplyAdds: 36480),
    ]

    @Test(arguments: repVGGs) func repVGG(_ figures: Figures) throws {
        let network = try Network.random("repvgg-" + figures.name)
        #expect(isClose(network.parameterCount, figures.parameters, within: 2e-4))
        #expect(isClose(try network.multiplyAdds(inputSize: [224, 224]), figures.multiplyAdds, within: 4e-4))
    }

    /// torchvision's documentation.
    static let vggs = [
        ("vgg-11", 132_863_336, 7609), ("vgg-11-bn", 132_868_840, 7609), ("vgg-13", 133_047_848, 11308),
        ("vgg-13-bn", 133_053_736, 11308), ("vgg-16", 138_357_544, 15470), ("vgg-16-bn", 138_365_992, 15470),
        ("vgg-19", 143_667_240, 19632), ("vgg-19-bn", 143_678_248, 19632),
    ]

    @Test(arguments: vggs) func vgg(name: String, parameters: Int, millions: Int) throws {
        let network = try Network.random(name)
        #expect(network.parameterCount == parameters)
        #expect(isClose(try network.multiplyAdds(), Double(millions), within: 1e-4))
    }

    /// torchvision's documentation.
    static let resNets = [
        ("resnet-18", 11_689_512, 1814), ("resnet-34", 21_797_672, 3664), ("resnet-50", 25_557_032, 4089),
        ("resnet-101", 44_549_160, 7801), ("resnet-152", 60_192_808, 11514),
    ]

    @Test(arguments: resNets) func resNet(name: String, parameters: Int, millions: Int) throws {
        let network = try Network.random(name)
        #expect(network.parameterCount == parameters)
        #expect(isClose(try network.multiplyAdds(), Double(millions), within: 2e-4))
    }

    @Test func costsOfOneLayer() throws {
        let network = try Network.random("repvgg-b1g2")
        let costs = try network.costs(input: [2, 3, 224, 224])
        let layer = try #require(costs.first { $0.name == "stage1.1.rbr_reparam" })
        #expect(layer.kind == "convolution")
        #expect(layer.inputShape == [2, 128, 56, 56])
        #expect(layer.outputShape == [2, 128, 56, 56])
        #expect(layer.weightShape == [128, 64, 3, 3])
        #expect(layer.stride == 1 && layer.groups == 2)
        #expect(layer.multiplyAdds == 2 * 128 * 64 * 9 * 56 * 56)
        #expect(layer.weightBytes == 4 * (128 * 64 * 9 + 128))
        #expect(costs.reduce(0) { $0 + $1.weightBytes } == network.weightBytes)
        #expect(network.weightBytes == 4 * network.parameterCount)
    }

    private func isClose(_ count: Int, _ millions: Double, within tolerance: Double) -> Bool {
        abs(Double(count) / 1e6 / millions - 1) < tolerance
    }
}
