import Engine
import Networks
import Tensors
import Testing

struct RandomNetworkTests {
    @Test func sameSeedSameValues() throws {
        let digests = try [3, 3, 4].map { try weights(of: Network.random("resnet-18", seed: $0)).map(Digest.sha256) }
        #expect(digests[0] == digests[1])
        #expect(Set(digests[0]).count == digests[0].count)
        #expect(Set(digests[0]).isDisjoint(with: digests[2]))
    }

    /// The values are part of what a seed means: results of other machines and versions must stay comparable.
    @Test func valuesAreFixed() throws {
        let values = try #require(weights(of: Network.random("repvgg-a0", seed: 1)).first).array.prefix(4)
        #expect(values == [0.4182852, 0.10051121, 0.2327448, 0.06665679])
    }

    @Test func weightsHaveHesVariance() throws {
        let network = try Network.random("repvgg-a1", seed: 5)
        for weights in weights(of: network).dropFirst().dropLast() {
            let fanIn = Float(weights.shape.dropFirst().reduce(1, *))
            var (sum, squares) = (0.0, 0.0)
            for value in weights.floats { (sum, squares) = (sum + Double(value), squares + Double(value * value)) }
            let variance = squares / Double(weights.count)
            #expect(abs(variance * Double(fanIn) / 2 - 1) < 0.02)
            #expect(abs(sum / Double(weights.count)) < 0.02 * variance.squareRoot())
        }
    }

    @Test(arguments: ["RepVGG-A0", "repvgg_a0:train", "vgg16", "vgg16_bn", "ResNet50"]) func spellings(name: String)
        throws
    {
        _ = try Network.random(name)
    }

    @Test(arguments: ["", ":", "repvgg", "repvgg-a0:", "repvgg-a0:fused", "vgg-16:train", "resnet-20", "repvgg-d2"])
    func unknownNames(name: String) {
        #expect(throws: NetworkError.self) { try Network.random(name) }
    }

    private func weights(of network: Network) -> [Tensor] {
        network.layers.compactMap {
            switch $0.operation {
            case .convolution(let convolution): convolution.weights.dense()
            case .linear(let linear): linear.weights.dense()
            default: nil
            }
        }
    }
}
