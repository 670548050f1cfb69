import Compression
import Engine
import Foundation
import Networks
import Tensors
import TestSupport
import Testing

/// Encoders with residual sums and dense concatenations, and the MLP that reads unfolded features.
struct LIIFTests {
    private func network(_ name: String) throws -> Network {
        var network = try Network.random(name, seed: 11)
        network.inputSize = [12, 10]
        return network
    }

    private func output(_ network: Network) throws -> Tensor {
        try Upsampler(
            network.fused(), inputSize: [12, 10], outputSize: [31, 17], options: PlanOptions(algorithm: .direct)
        ).run(Tensor.normal(shape: [1, 3, 12, 10], seed: 5))
    }

    @Test func groupsOfEDSR() throws {
        let network = try network("liif-edsr-baseline").unrolled()
        let groups = try network.channelGroups()
        // The trunk, the middle of each block, and between the MLP's layers.
        #expect(groups.count == 1 + 16 + 4)
        let consumers = groups[0].consumers.map { network.layers[$0.layer].name }
        #expect(consumers.count == 18)
        #expect(consumers.last == "imnet.layers.0")
        #expect(groups[0].consumers.last?.span == 9)
        // Without the MLP the encoder's output keeps its order, and so does the trunk with it.
        #expect(try self.network("liif-edsr-baseline").channelGroups().count == 16)
    }

    @Test func groupsOfRDN() throws {
        let network = try network("liif-rdn-a").unrolled()
        let groups = try network.channelGroups()
        // The outer sum, the trunk of 20 blocks, 6 convolutions in each, between the two last, and the MLP's.
        #expect(groups.count == 1 + 1 + 20 * 6 + 1 + 4)
        let growth = try #require(
            groups.first { $0.producers.map { network.layers[$0].name } == ["encoder.RDBs.1.convs.1.conv.0"] })
        #expect(growth.consumers.map { network.layers[$0.layer].name }.last == "encoder.RDBs.1.LFF")
        #expect(growth.consumers.map(\.offset) == [96, 96, 96, 96, 96])
        let trunk = try #require(groups.first { $0.producers.count == 21 })
        let fusion = trunk.consumers.filter { network.layers[$0.layer].name == "encoder.GFF.0" }
        #expect(fusion.map(\.offset) == (0..<20).map { 64 * $0 })
    }

    /// Any order of any group leaves the picture as it is.
    @Test(arguments: ["liif-edsr-baseline", "liif-rdn-a"])
    func anyOrderKeepsTheFunction(name: String) throws {
        let original = try network(name)
        var changed = original.unrolled()
        for (number, group) in try changed.channelGroups().enumerated() {
            changed.reorder(group, by: (0..<group.channels).map { (group.channels - 1 - $0 + number) % group.channels })
        }
        let (before, after) = (try output(original), try output(changed.rolled()))
        #expect(after.largestRelativeDifference(from: before) < 1e-5)
        #expect(after.array != before.array)
    }

    /// What is written reads as the same network and gives the same picture; the small ones are small.
    @Test(arguments: CompressionSettings.Method.allCases)
    func roundTrip(method: CompressionSettings.Method) throws {
        var settings = CompressionSettings(method: method)
        (settings.k, settings.iterations, settings.searchSteps) = (16, 3, 20)
        settings.blocks = .large
        settings.equalizes = method == .pqf
        let result = try Compressor(settings, threads: 1).compress(try network("liif-edsr-baseline"))
        if method == .pqf { #expect(try #require(result.report.functionDifference) < 1e-5) }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).safetensors")
            .path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try result.checkpoint(settings: settings, source: "abc").write(to: path)
        let read = try Network.load(path)
        #expect(read.countedBits == result.network.countedBits)
        #expect(method == .fp16 || read.countedBits == result.report.bits)
        #expect(method == .fp16 || read.weightBytes < read.denseBytes / 3)
        #expect(try output(read).array == output(result.network).array)
    }

    @Test func switchesAreKept() throws {
        var network = try network("liif-edsr-baseline")
        network.decoder?.ensembles = false
        let read = try Network(network.checkpoint())
        #expect(read.decoder?.ensembles == false)
        #expect(try output(read).array == output(network).array)
    }
}
