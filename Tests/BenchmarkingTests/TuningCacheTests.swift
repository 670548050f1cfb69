import Benchmarking
import Engine
import Foundation
import Kernels
import Networks
import Testing

/// The cache of tuned choices: kept, reused, and never trusted when damaged.
struct TuningCacheTests {
    private func tuned(in folder: String, cpu: String = "a CPU") throws -> (
        choices: [String: ConvolutionAlgorithm], measured: Bool
    ) {
        let options = PlanOptions()
        var cache = TuningCache(cpu: cpu, options: options, version: "1", folder: folder)
        let before = files(folder).map(\.date)
        let network = try Network.random("repvgg-a0", seed: 1)
        let tuned = try cache.tuned(network, inputShape: [1, 3, 32, 32], options: options)
        return (tuned.choices, files(folder).map(\.date) != before)
    }

    private func files(_ folder: String) -> [(path: String, date: Date)] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().map { name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)
            return (folder + "/" + name, attributes?[.modificationDate] as? Date ?? .distantPast)
        }
    }

    @Test func keptReusedAndRebuilt() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tuning-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try tuned(in: folder)
        #expect(first.measured && !first.choices.isEmpty)
        let second = try tuned(in: folder)
        #expect(!second.measured)
        #expect(second.choices == first.choices)
        #expect(try tuned(in: folder, cpu: "another CPU").measured)

        let path = try #require(files(folder).first?.path)
        let stale = try String(contentsOfFile: path, encoding: .utf8)
        for damaged in ["", "{", stale.replacingOccurrences(of: "direct", with: "unheard-of")] {
            try damaged.write(toFile: path, atomically: false, encoding: .utf8)
            let cpu = stale.contains("another CPU") ? "another CPU" : "a CPU"
            #expect(try tuned(in: folder, cpu: cpu).measured, "\(damaged.prefix(20))")
            #expect(try !tuned(in: folder, cpu: cpu).measured)
        }
    }
}
