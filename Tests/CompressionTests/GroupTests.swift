import Compression
import Engine
import Networks
import Tensors
import Testing

struct GroupTests {
    /// A group as text: producers, batch norms, consumers (with inputs per channel where it is not 1), runs.
    private func outline(_ network: Network) throws -> [String] {
        func names(_ layers: [Int]) -> String { layers.map { network.layers[$0].name }.joined(separator: " ") }
        return try network.channelGroups().map { group in
            let consumers = group.consumers.map { network.layers[$0.layer].name + ($0.span == 1 ? "" : "·\($0.span)") }
            return [
                names(group.producers), names(group.norms), consumers.joined(separator: " "),
                group.runs == 1 ? "" : "\(group.runs) runs",
            ].filter { !$0.isEmpty }.joined(separator: " | ")
        }
    }

    @Test func chainOfVGG() throws {
        #expect(
            try outline(Network.blueprint("vgg-11")) == [
                "features.0 | features.3", "features.3 | features.6", "features.6 | features.8",
                "features.8 | features.11", "features.11 | features.13", "features.13 | features.16",
                "features.16 | features.18", "features.18 | classifier.0·49", "classifier.0 | classifier.3",
                "classifier.3 | classifier.6",
            ])
        #expect(
            try outline(Network.blueprint("vgg-11-bn")).suffix(4) == [
                "features.22 | features.23 | features.25", "features.25 | features.26 | classifier.0·49",
                "classifier.0 | classifier.3", "classifier.3 | classifier.6",
            ])
    }

    /// The authors' list for ResNet-18: 8 groups within blocks, 4 trunks.
    @Test func trunksOfResNet18() throws {
        let groups = try outline(Network.blueprint("resnet-18"))
        #expect(groups.count == 12)
        #expect(
            groups.first == """
                conv1 layer1.0.conv2 layer1.1.conv2 | bn1 layer1.0.bn2 layer1.1.bn2 | layer1.0.conv1 layer1.1.conv1 \
                layer2.0.downsample.0 layer2.0.conv1
                """)
        #expect(groups.contains("layer1.0.conv1 | layer1.0.bn1 | layer1.0.conv2"))
        #expect(
            groups.contains(
                """
                layer4.0.downsample.0 layer4.0.conv2 layer4.1.conv2 | layer4.0.downsample.1 layer4.0.bn2 layer4.1.bn2 \
                | layer4.1.conv1 fc
                """))
    }

    /// Two groups in each bottleneck, and a trunk for the stem and for each stage.
    @Test func bottlenecksOfResNet50() throws {
        let groups = try outline(Network.blueprint("resnet-50"))
        #expect(groups.count == 2 * 16 + 5)
        #expect(groups.first == "conv1 | bn1 | layer1.0.downsample.0 layer1.0.conv1")
        #expect(groups.contains("layer1.0.conv2 | layer1.0.bn2 | layer1.0.conv3"))
    }

    /// Fused, each layer is free; in training form the identity branches tie a stage.
    @Test func repVGG() throws {
        let fused = try outline(Network.blueprint("repvgg-a0"))
        #expect(fused.count == 22)
        #expect(fused.first == "stage0.rbr_reparam | stage1.0.rbr_reparam")
        #expect(fused.last == "stage4.0.rbr_reparam | linear")
        let training = try Network.blueprint("repvgg-a0:train")
        let stages = try outline(training)
        #expect(stages.count == 5)
        #expect(
            stages[1] == """
                stage1.0.rbr_dense.conv stage1.0.rbr_1x1.conv stage1.1.rbr_dense.conv stage1.1.rbr_1x1.conv | \
                stage1.0.rbr_dense.bn stage1.0.rbr_1x1.bn stage1.1.rbr_dense.bn stage1.1.rbr_1x1.bn \
                stage1.1.rbr_identity | stage1.1.rbr_dense.conv stage1.1.rbr_1x1.conv stage2.0.rbr_dense.conv \
                stage2.0.rbr_1x1.conv
                """)
    }

    @Test func groupedConvolutionsAndSqueezeExcite() throws {
        let grouped = try outline(Network.blueprint("repvgg-b1g4"))
        #expect(grouped[0] == "stage0.rbr_reparam | stage1.0.rbr_reparam")
        #expect(grouped[1] == "stage1.0.rbr_reparam | stage1.1.rbr_reparam | 4 runs")
        #expect(grouped[2] == "stage1.1.rbr_reparam | stage1.2.rbr_reparam | 4 runs")
        let gated = try outline(Network.blueprint("repvgg-d2se"))
        #expect(gated[0] == "stage0.rbr_reparam stage0.se.up | stage0.se.down stage1.0.rbr_reparam")
        #expect(gated[1] == "stage0.se.down | stage0.se.up")
    }

    /// Any order of any group leaves the function as it is.
    @Test(arguments: ["vgg-11", "vgg-11-bn", "resnet-18", "resnet-50", "repvgg-b1g4", "repvgg-a0:train"])
    func anyOrderKeepsTheFunction(name: String) throws {
        var original = try Network.random(name, seed: 3)
        original.inputSize = [32, 32]
        var network = original
        for (number, group) in try original.channelGroups().enumerated() {
            let length = group.channels / group.runs
            // Coprime to no length here but its multiples: 1 added to a reversal is enough of a shuffle.
            let order = (0..<group.channels).map { channel in
                channel / length * length + (length - 1 - channel % length + number) % length
            }
            network.reorder(group, by: order)
        }
        let input = Tensor.normal(shape: [1, 3, 32, 32], seed: 5)
        let options = PlanOptions(algorithm: .direct)
        let before = try Plan(original.fused(), inputShape: input.shape, options: options).run(input)
        let after = try Plan(network.fused(), inputShape: input.shape, options: options).run(input)
        #expect(after.largestRelativeDifference(from: before) < 1e-5)
        #expect(after.array != before.array)
    }
}
