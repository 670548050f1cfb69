import Foundation
import Measurement
import Testing

@Suite struct ResultsCodingTests {
    /// The schema, key by key: a change here changes what scripts read.
    @Test func matchesTheSnapshot() throws {
        try expectSnapshot(String(decoding: ResultsCoding.encode(sampleResults()), as: UTF8.self), "results.json")
    }

    @Test func survivesTheRoundTrip() throws {
        let results = sampleResults()
        let data = try ResultsCoding.encode(results)
        var read = try ResultsCoding.decode(data, file: "a.json")
        #expect(try ResultsCoding.encode(read) == data)
        #expect(read.contentSHA256?.count == 64)
        // Outcomes come back filled up to whole digits, and the digest is only in the file.
        #expect(read.cases[0].accuracy?.outcomes?.correct == [true, false, true, false, true, false, false, false])
        read.cases[0].accuracy?.outcomes = results.cases[0].accuracy?.outcomes
        read.contentSHA256 = nil
        #expect(read == results)
    }

    @Test func writesNullWhereTheContractSaysNull() throws {
        var result = CaseRecord(id: "a", model: "m", engine: "native", threads: 1, batch: 1, input: [1])
        result.latencySeconds = LatencyRecord(processes: [[1, 2]], warmup: 0)
        let data = try ResultsCoding.encode(sampleResults(cases: [result]))
        let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let written = try #require((document["cases"] as? [[String: Any]])?.first)
        for key in ["accuracy", "error", "output_sha256", "variant"] { #expect(written[key] is NSNull, "\(key)") }
        let latency = try #require(written["latency_seconds"] as? [String: Any])
        for key in ["p90", "p99", "p99_9", "ci95"] { #expect(latency[key] is NSNull, "\(key)") }
        #expect(latency["steady"] == nil)
    }

    /// Files made by hand or by other tools need not have what is optional.
    @Test func readsTheLeastThatAFileMayHold() throws {
        let text = """
            {"schema": 1, "run": {"id": "1", "suite": "s", "started": "2025-06-15T15:06:40.250Z"},
             "environment": {"cpu": {"model": "x", "cores": 1}, "warnings": []},
             "cases": [{"id": "a", "model": "m", "engine": "e", "threads": 1, "batch": 1, "input": [1, 3, 2, 2],
               "latency_seconds": {"samples": [1, 2], "median": 1.5, "mean": 1.5, "min": 1, "max": 2},
               "unknown": {"more": ["keys", 1]}}]}
            """
        let results = try ResultsCoding.decode(Data(text.utf8), file: "a.json")
        #expect(results.cases[0].latencySeconds?.processes == [[1, 2]])
        #expect(results.cases[0].error == nil)
    }

    @Test func acceptsReformattedButNotEditedFiles() throws {
        let text = String(decoding: try ResultsCoding.encode(sampleResults()), as: UTF8.self)
        let reformatted = text.replacing("\n", with: "\r\n").replacing("  ", with: "\t ")
        #expect(throws: Never.self) { try ResultsCoding.decode(Data(reformatted.utf8), file: "a.json") }
        for (old, new) in [("0.0125", "0.0126"), ("digits", "digitz"), ("Example CPU", "Example  CPU")] {
            let edited = text.replacing(old, with: new)
            #expect(throws: MeasurementError.self) { try ResultsCoding.decode(Data(edited.utf8), file: "a.json") }
        }
    }

    @Test(arguments: [
        ("", "not a whole JSON document"), ("{\"schema\": 1, \"run\": {\"id\"", "not a whole JSON document"),
        ("PNG", "not a whole JSON document"), ("{\"schema\": 2}", "schema 2 is newer"),
        ("{\"schema\": 0}", "schema 0 is unknown"), ("{}", "schema: is missing"), ("[1]", "not of the type"),
        ("{\"schema\": \"1\"}", "schema: is not of the type"), ("{\"schema\": 1}", "run: is missing"),
        (String(repeating: "[", count: 5_000), "not a whole JSON document"),
    ])
    func refusesWhatIsNoResultsFile(text: String, reason: String) {
        expectRefusal(Data(text.utf8), reason)
    }

    /// Each change, made to a good file without digest, is refused with a reason that names the place.
    @Test(arguments: [
        ("\"median\": 0.0115", "\"median\": NaN", "not a whole JSON document"),
        ("\"median\": 0.0115", "\"median\": -1", "median: -1.0 is not a time"),
        ("\"median\": 0.0115", "\"median\": 1e300", "median: 1e+300 is not a time"),
        ("\"median\": 0.0115", "\"median\": 0.5", "median: is outside"),
        ("\"median\": 0.0115", "\"median\": \"fast\"", "cases[0].latency_seconds.median: is not of the type"),
        ("\"median\": 0.0115", "\"median\": null", "cases[0].latency_seconds.median: is null"),
        ("[0.011, 0.01,", "[-0.011, 0.01,", "cases[0].latency_seconds.samples[0]: -0.011 is not a time"),
        ("[0.011, 0.01,", "[", "blocks: do not add up"),
        ("\"samples\": [0.011, 0.01, 0.012, 0.0125, 0.01, 0.02]", "\"samples\": []", "samples: there are none"),
        ("\"count\": 3,", "\"count\": 9223372036854775807,", "blocks: do not add up"),
        ("\"threads\": 1", "\"threads\": 0", "cases[0].threads: 0 is not"),
        ("\"threads\": 1", "\"threads\": 1e40", "1e40"),
        ("\"input\": [1, 3, 224, 224]", "\"input\": [1, -3]", "cases[0].input"),
        ("\"peak_rss\": 100000000", "\"peak_rss\": -1", "memory_bytes.peak_rss: -1 is negative"),
        ("\"top1\": 0.6", "\"top1\": 60", "cases[0].accuracy.top1: 60.0 is not a fraction"),
        ("\"source\": \"file\"", "\"source\": \"random\"", "random weights have none"),
        ("\"source\": \"file\"", "\"source\": \"web\"", "cases[0].weights.source: "),
        ("\"outcomes\": \"a8\"", "\"outcomes\": \"zz\"", "not hexadecimal"),
        ("\"outcomes\": \"a8\"", "\"outcomes\": \"a\"", "there are not 5"),
        ("2025-06-15T15:07:40Z", "yesterday", "run.finished: not an ISO 8601 time"),
        ("2025-06-15T15:07:40Z", "2024-06-15T15:07:40Z", "run.finished: is before"),
        ("\"cores\": 2", "\"cores\": 0", "environment.cpu.cores"),
    ])
    func refusesImpossibleValues(old: String, new: String, reason: String) throws {
        let text = try fixture("results.json")
            .replacing(#/ +"content_sha256": "[0-9a-f]*",\n/#, with: "")
        try #require(text.contains(old))
        expectRefusal(Data(text.replacing(old, with: new).utf8), reason)
    }

    @Test func refusesTwoCasesOfOneName() throws {
        expectRefusal(try ResultsCoding.encode(sampleResults(cases: [sampleCase(), sampleCase()])), "is there twice")
    }

    @Test func neverWritesWhatItCouldNotRead() {
        var result = sampleCase()
        result.throughput = .nan
        #expect(throws: MeasurementError.self) { try ResultsCoding.encode(sampleResults(cases: [result])) }
    }

    /// Every prefix of a file is refused, and no flip of a byte crashes.
    @Test func survivesCutsAndFlips() throws {
        let data = Data(try fixture("results.json").utf8)
        for length in stride(from: 0, to: data.count - 2, by: 7) {
            #expect(throws: MeasurementError.self) { try ResultsCoding.decode(data.prefix(length), file: "a.json") }
        }
        // A file without the digest's key is checked less; that name is left alone.
        let key = try #require(data.range(of: Data("content_sha256".utf8)))
        for index in stride(from: 0, to: data.count, by: 3) where !key.contains(index) {
            var flipped = data
            flipped[index] ^= 0x15
            #expect(throws: MeasurementError.self, "byte \(index)") {
                try ResultsCoding.decode(flipped, file: "a.json")
            }
        }
    }

    private func expectRefusal(_ data: Data, _ reason: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let error = #expect(throws: MeasurementError.self, sourceLocation: sourceLocation) {
            try ResultsCoding.decode(data, file: "a.json")
        }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("a.json: ") && text.contains(reason), "\(text)", sourceLocation: sourceLocation)
        #expect(!text.contains("\n"), sourceLocation: sourceLocation)
    }
}
