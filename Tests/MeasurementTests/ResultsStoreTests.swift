import Foundation
import Measurement
import Testing

@Suite struct ResultsStoreTests {
    @Test func namesFilesBySuiteTimeAndID() async throws {
        try await withTemporaryFolder { folder in
            let store = ResultsStore(folder: folder + "/new/results")
            let path = try store.write(sampleResults())
            #expect(path == folder + "/new/results/repvgg-20250615T150640Z-0123abcd.json")
            #expect(try ResultsStore.read(path).run == sampleResults().run)
            #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder).count == 1)
        }
    }

    @Test func keepsStrangeSuiteNamesInTheFolder() {
        var run = sampleResults().run
        run.suite = "../../etc/päss wd-" + String(repeating: "x", count: 500)
        let name = ResultsStore.fileName(run)
        #expect(name.hasPrefix(".._.._etc_p_ss_wd-xxx") && name.hasSuffix("Z-0123abcd.json"))
        #expect(name.utf8.count < 255)
    }

    @Test func neverOverwritesARun() async throws {
        try await withTemporaryFolder { folder in
            let store = ResultsStore(folder: folder)
            let path = try store.write(sampleResults())
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            let error = #expect(throws: MeasurementError.self) { try store.write(sampleResults(cases: [])) }
            #expect(error?.description == "\(path): cannot be written: File exists")
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
        }
    }

    /// Many writers at once leave whole files and nothing else.
    @Test func letsManyWriteAtOnce() async throws {
        try await withTemporaryFolder { folder in
            let store = ResultsStore(folder: folder)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<40 {
                    group.addTask { _ = try store.write(sampleResults(id: "id\(index)")) }
                }
                try await group.waitForAll()
            }
            let paths = try store.list()
            var read: Set<String> = []
            try await ResultsStore.read(paths) { read.insert($0.run.id) }
            #expect(read == Set((0..<40).map { "id\($0)" }))
            await #expect(throws: MeasurementError.self) {
                try await ResultsStore.read(paths + [folder + "/none.json"]) { _ in }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 40)
        }
    }

    @Test func listsRunsByTimeAndNothingElse() async throws {
        try await withTemporaryFolder { folder in
            let names = [
                "b-20250102T000000Z-1.json", "a-b-20250101T000000Z-2.json", "a-20250103T000000Z-3.json", "notes.json",
                ".a-20250103T000000Z-4.json.77.tmp", "a-20250103T000000Z-5.txt",
            ]
            for name in names { try Data().write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
            let store = ResultsStore(folder: folder)
            let found = try store.list().map { ($0 as NSString).lastPathComponent }
            #expect(found == [names[1], names[0], names[2]])
            #expect(try store.list(suite: "a-b").count == 1)
            #expect(try store.list(suite: "a").count == 1)
        }
    }

    @Test func saysWhichFileCannotBeReadAndWhy() async throws {
        try await withTemporaryFolder { folder in
            let cases = [("/none.json", "No such file or directory"), ("", "not a regular file")]
            for (name, reason) in cases {
                let error = #expect(throws: MeasurementError.self) { try ResultsStore.read(folder + name) }
                #expect(error == .inaccessible(file: folder + name, reason: "cannot be read: \(reason)"))
            }
            let pipe = folder + "/pipe.json"
            try #require(mkfifo(pipe, 0o600) == 0)
            #expect(throws: MeasurementError.self) { try ResultsStore.read(pipe) }

            // A hole of a terabyte takes no space and must not be read.
            let huge = folder + "/huge.json"
            let file = open(huge, O_CREAT | O_WRONLY, 0o600)
            try #require(ftruncate(file, 1 << 40) == 0)
            close(file)
            let error = #expect(throws: MeasurementError.self) { try ResultsStore.read(huge) }
            #expect(error?.description.contains("1099511627776 bytes, more than") == true)

            let missing = ResultsStore(folder: folder + "/missing")
            #expect(throws: MeasurementError.self) { try missing.list() }
            let blocked = ResultsStore(folder: huge + "/below-a-file")
            #expect(throws: MeasurementError.self) { try blocked.write(sampleResults()) }
        }
    }

    @Test func keepsNamedBaselines() async throws {
        try await withTemporaryFolder { folder in
            let store = ResultsStore(folder: folder)
            let first = try store.write(sampleResults(id: "first"))
            let second = try store.write(sampleResults(id: "second"))
            #expect(store.baselines() == [])
            _ = try store.saveBaseline("main", from: first)
            let path = try store.saveBaseline("main", from: second)
            #expect(store.baselines() == ["main"])
            #expect(try ResultsStore.read(path).run.id == "second")
            #expect(try store.resolve("main") == path)
            #expect(try store.resolve(first) == first)
            // A baseline is no run.
            #expect(try store.list().count == 2)
            for name in ["../main", "", ".hidden", "a/b", "none"] {
                #expect(throws: MeasurementError.self, "\(name)") { try store.resolve(name) }
            }
            for name in ["../main", "", ".hidden", "a/b"] {
                #expect(throws: MeasurementError.self, "\(name)") { try store.saveBaseline(name, from: first) }
            }
            #expect(throws: MeasurementError.self) { try store.saveBaseline("x", from: folder + "/none.json") }
        }
    }
}
