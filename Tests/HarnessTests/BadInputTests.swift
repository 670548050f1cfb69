import Foundation
import TestSupport
import Testing

/// Broken files: one clear line, status 65, nothing left behind.
struct BadInputTests {
    @Test(.enabled(if: Shared.exists, "../shared with the corpus is not here"))
    func brokenFilesOfTheCorpus() throws {
        let bad = Shared.path("corpus/bad")
        for kind in ["png", "jpeg", "safetensors", "pth"] {
            let rows = try expectedErrors(kind)
            try #require(rows.count >= 5)
            for file in stride(from: 0, to: rows.count, by: max(1, rows.count / 5)).map({ rows[$0] }) {
                let arguments =
                    kind == "png" || kind == "jpeg"
                    ? ["classify", "--model", "vgg-mnist", "\(bad)/\(kind)/\(file)"]
                    : ["profile", "--model", "\(bad)/\(kind)/\(file)"]
                let outcome = try Executable.run(arguments, timeout: 20)
                #expect(outcome.status == 65, "\(file): status \(outcome.status): \(outcome.errors)")
                #expect(outcome.errors.contains(file), "\(outcome.errors)")
                #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
            }
        }
    }

    /// Names of files that must be refused.
    private func expectedErrors(_ kind: String) throws -> [String] {
        let index = try String(contentsOfFile: Shared.path("corpus/INDEX.tsv"), encoding: .utf8)
        return index.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard cells[0].hasPrefix("bad/\(kind)/"), cells[2] == "error" else { return nil }
            return String(cells[0].dropFirst("bad/\(kind)/".count))
        }
    }

    @Test func brokenImageAmongGoodOnes() throws {
        let folder = try TemporaryFolder()
        let digits = folder.url.appendingPathComponent("digits/7")
        try FileManager.default.createDirectory(at: digits, withIntermediateDirectories: true)
        let source = Executable.root.appendingPathComponent("datasets/mnist-1k/7/3504.png")
        try FileManager.default.copyItem(at: source, to: digits.appendingPathComponent("good.png"))
        try Data("not an image".utf8).write(to: digits.appendingPathComponent("broken.png"))
        let mixed = try Executable.run("evaluate", "--model", "vgg-mnist", "--dataset", folder.path("digits"), "--json")
        #expect(mixed.status == 0, "\(mixed.errors)")
        #expect(mixed.output.contains("broken.png"))
        #expect(mixed.output.contains("\"count\" : 1"))
        try FileManager.default.removeItem(at: digits.appendingPathComponent("good.png"))
        let broken = try Executable.run("evaluate", "--model", "vgg-mnist", "--dataset", folder.path("digits"))
        #expect(broken.status == 65)
    }

    @Test func dataSetThatDoesNotFitTheNetwork() throws {
        let folder = try TemporaryFolder()
        let source = Executable.root.appendingPathComponent("datasets/mnist-1k/7/3504.png")
        try FileManager.default.copyItem(at: source, to: folder.url.appendingPathComponent("a.png"))
        try Data("file\tclass_index\na.png\t10\n".utf8).write(to: folder.url.appendingPathComponent("labels.tsv"))
        let outcome = try Executable.run("evaluate", "--model", "vgg-mnist", "--dataset", folder.url.path)
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("class 10"))
    }
}
