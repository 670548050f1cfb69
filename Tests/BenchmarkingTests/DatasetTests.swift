import Benchmarking
import Foundation
import Testing

struct DatasetTests {
    private let root = FileManager.default.temporaryDirectory.appendingPathComponent("harness-\(UUID().uuidString)")

    private func write(_ path: String, _ text: String = "x") throws {
        let file = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    @Test func foldersAreClassesInOrder() throws {
        for path in ["set/b/2.png", "set/b/1.png", "set/a/9.png", "set/a/.hidden"] { try write(path) }
        let dataset = try Dataset.find("set", in: [root.path])
        #expect(dataset.classes == ["a", "b"])
        #expect(
            dataset.items.map { $0.file.replacingOccurrences(of: root.path, with: "") } == [
                "/set/a/9.png", "/set/b/1.png", "/set/b/2.png",
            ])
        #expect(dataset.items.map(\.label) == [0, 1, 1])
    }

    @Test func testPartOfASplit() throws {
        for path in ["set/train/a/1.png", "set/test/a/2.png"] { try write(path) }
        #expect(try Dataset.find(root.path + "/set", in: []).items.map(\.file) == [root.path + "/set/test/a/2.png"])
    }

    @Test func labelsKeepTheirOrder() throws {
        try write("set/labels.tsv", "name\tfile\tclass_index\r\nz\tz.png\t3\r\ny\ty.png\t0\r\n")
        let dataset = try Dataset.find(root.path + "/set", in: [])
        #expect(dataset.items.map(\.label) == [3, 0])
    }

    @Test(arguments: [
        "", "file\tclass\na\t1\n", "file\tclass_index\n", "file\tclass_index\na.png\t-1\n",
        "file\tclass_index\na.png\n",
    ])
    func brokenLabels(text: String) throws {
        try write("set/labels.tsv", text)
        #expect(throws: ConfigurationError.self) { try Dataset.find(root.path + "/set", in: []) }
    }

    @Test func manifestWithoutImagesIsAbsent() throws {
        try write("set/manifest.yaml", "{name: set, description: d, source: s, licence: l, obtain: ask}")
        do throws(ConfigurationError) {
            _ = try Dataset.find("set", in: [root.path])
            Issue.record("it was found")
        } catch {
            if case .absent("set", "ask") = error {} else { Issue.record("\(error)") }
        }
        try write("other/set/a/1.png")
        #expect(try Dataset.find("set", in: [root.path + "/other", root.path]).items.count == 1)
    }
}
