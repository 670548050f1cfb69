import Foundation
import Measurement
import Reporting
import Testing

@Suite struct ExporterTests {
    @Test(arguments: Exporter.allCases)
    func matchesSnapshot(_ format: Exporter) throws {
        try expectSnapshot(format.export(sampleResults()), fileName(format))
    }

    @Test(arguments: Exporter.allCases.filter { $0 != .pyperf })
    func saysThatNothingWasMeasured(_ format: Exporter) throws {
        var results = sampleResults()
        results.cases = []
        let text = try format.export(results)
        #expect(text.hasSuffix("\n"))
    }

    @Test func pyperfCannotSayThatNothingWasMeasured() {
        var results = sampleResults()
        results.cases.removeAll { $0.error == nil }
        #expect(throws: ReportingError.nothingMeasured(format: "pyperf")) { try Exporter.pyperf.export(results) }
    }

    @Test(arguments: [Exporter.bencher, .gitHubAction, .gitHubActionBigger, .googleBenchmark, .pyperf])
    func jsonIsParsed(_ format: Exporter) throws {
        var synthetic = Synthetic(seed: 1)
        let text = try format.export(synthetic.suite())
        let document = try JSONSerialization.jsonObject(with: Data(text.utf8))
        #expect(document is [String: Any] || document is [[String: Any]])
    }

    @Test func formatsAreFoundByName() {
        let names = [
            "csv", "markdown", "junit", "openmetrics", "bencher", "github-action-benchmark", "google-benchmark",
            "pyperf",
        ]
        for name in names { #expect(Exporter(rawValue: name) != nil) }
        #expect(Exporter(rawValue: "xml") == nil)
    }

    @Test func junitCountsWhatItHolds() throws {
        let text = try Exporter.junit.export(sampleResults())
        // Four cases; the first has three gates (one met), the failed one three that are skipped.
        #expect(text.contains("tests=\"10\" failures=\"2\" errors=\"1\" skipped=\"3\""))
        #expect(text.components(separatedBy: "<testcase").count - 1 == 10)
        #expect(text.components(separatedBy: "<failure").count - 1 == 2)
        #expect(text.components(separatedBy: "<skipped").count - 1 == 3)
    }

    private func fileName(_ format: Exporter) -> String {
        let ending =
            switch format {
            case .csv: "csv"
            case .markdown: "md"
            case .junit: "xml"
            case .openMetrics: "txt"
            case .bencher, .gitHubAction, .gitHubActionBigger, .googleBenchmark, .pyperf: "json"
            }
        return "\(format.rawValue).\(ending)"
    }
}
