import Foundation
import Interchange
import TestSupport
import Testing

/// Every safetensors and PyTorch file of the corpus does what its index says.
@Suite(.enabled(if: Shared.exists, "needs the folder shared beside the checkout"))
struct CorpusTests {
    struct Row: CustomTestStringConvertible {
        let file: String
        let expected: String
        var testDescription: String { file }
    }

    static let rows: [Row] = {
        guard let index = try? String(contentsOfFile: Shared.path("corpus/INDEX.tsv"), encoding: .utf8) else {
            return []
        }
        return index.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let folder = fields[0].split(separator: "/")[1]
            return ["safetensors", "pth"].contains(folder) ? Row(file: fields[0], expected: fields[2]) : nil
        }
    }()

    @Test func isComplete() { #expect(Self.rows.count == 171) }

    @Test(arguments: rows)
    func row(_ row: Row) {
        do {
            let checkpoint = try Checkpoint.read(Shared.path("corpus/\(row.file)"))
            try checkpoint.verify()
            for tensor in checkpoint.parameters().values {
                #expect(try tensor.floats().count == tensor.count)
                #expect(try tensor.bytes().count == tensor.byteCount)
            }
            #expect(!row.expected.hasPrefix("error"), "\(row.file) should have been refused")
        } catch {
            #expect(row.expected != "ok", "\(error)")
            let text = error.description
            #expect(text.contains(row.file) && text.count < 500)
            #expect(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
            if case .inaccessible = error { Issue.record("\(error) is not about access") }
        }
        let folder = try? FileManager.default.contentsOfDirectory(atPath: "/tmp/h")
        #expect(folder?.contains { $0.hasPrefix("PWNED") } != true)
    }
}
