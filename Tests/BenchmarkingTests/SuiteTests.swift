import Benchmarking
import Foundation
import Testing

struct SuiteTests {
    private func suite(_ text: String) throws -> Suite {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try Suite.find(file.path, in: "")
    }

    @Test func listsMakeACaseEach() throws {
        let suite = try suite(
            """
            name: s
            defaults: {form: fused, threads: [1, 2], batch: 4}
            cases:
              - {model: "random:repvgg-a0"}
              - {model: net.pth, id: net, threads: 1, batch: [1, 16], form: training, input: 32}
            """)
        #expect(suite.cases.map(\.id) == ["repvgg-a0-fused/t1", "repvgg-a0-fused/t2", "net/b1", "net/b16"])
        #expect(suite.cases.map(\.batch) == [4, 4, 1, 16])
        #expect(suite.cases[1].form == .fused && suite.cases[2].form == .training)
        #expect(suite.cases[3].input == [32, 32])
    }

    @Test func bundledSuitesAreValid() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("suites").path
        let suites = try Suite.all(in: folder)
        #expect(Set(suites.map(\.name)).isSuperset(of: ["repvgg", "vgg", "latency", "smoke"]))
        let latency = try #require(suites.first { $0.name == "latency" })
        #expect(
            latency.cases.map(\.id) == [
                "repvgg-a0", "repvgg-a1", "repvgg-a2", "repvgg-b0", "repvgg-b1", "vgg-11", "vgg-16", "resnet-18",
                "resnet-50",
            ])
    }

    @Test func contendersCarryTheEngineInTheirId() throws {
        let one = SuiteCase(id: "a0", model: "random:repvgg-a0")
        #expect(one.with(engines: ["native", "ncnn"]).map(\.id) == ["a0", "a0@ncnn"])
    }
}
