import Benchmarking
import Foundation
import Testing

@Suite struct EngineCatalogueTests {
    /// A project folder with adapters of a few lines.
    private func project(_ adapters: [String: String]) throws -> (catalogue: EngineCatalogue, folder: URL) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("engines-\(UUID())")
        let engines = folder.appendingPathComponent("engines")
        try FileManager.default.createDirectory(at: engines, withIntermediateDirectories: true)
        for (name, script) in adapters {
            try script.write(to: engines.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        return (EngineCatalogue(suites: folder.path + "/suites"), folder)
    }

    @Test func saysWhichEnginesCanBeUsed() async throws {
        let (catalogue, folder) = try project([
            "good_engine.py": #"""
            import sys
            assert sys.argv[1:] == ["--check"]
            print('{"ok": true, "engine": "good", "version": "1.2"}')
            """#,
            "absent_engine.py": #"print('{"ok": false, "error": "ModuleNotFoundError: No module named absent"}')"#,
            "broken_engine.py": "import nothing_of_that_name_exists",
            "hanging_engine.py": "import time; time.sleep(600)",
            "protocol.py": "",
        ])
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(catalogue.names == ["native", "absent", "broken", "good", "hanging"])
        let engines = await catalogue.describe(timeout: 20)
        #expect(engines.map(\.name) == catalogue.names)
        #expect(engines.map(\.usable) == [true, false, false, true, false])
        #expect(engines[3].version == "1.2" && engines[3].install == nil && engines[3].reason == nil)
        #expect(engines[1].reason == "engine absent: ModuleNotFoundError: No module named absent")
        #expect(engines[1].install == folder.path + "/engines/install.sh absent")
        #expect(engines[2].reason?.contains("exit status 1") == true)
        #expect(engines[2].reason?.contains("nothing_of_that_name_exists") == true)
        #expect(engines[4].reason?.contains("no answer") == true)
    }

    @Test func namesWhatThereIsWhenAnEngineIsUnknown() throws {
        let (catalogue, folder) = try project(["good_engine.py": ""])
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try catalogue.contender("good").arguments == [folder.path + "/engines/good_engine.py"])
        for name in ["native", "goood", "../good"] {
            #expect { try catalogue.contender(name) } throws: { "\($0)".hasSuffix("there are: native, good") }
        }
    }

    @Test func aProjectWithoutAdaptersHasItsOwnEngine() async throws {
        #expect(EngineCatalogue(suites: "/nowhere/suites").names == ["native"])
    }
}
