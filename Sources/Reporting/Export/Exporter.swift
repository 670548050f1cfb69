import Foundation
import Measurement

/// The formats that a results file can be turned into.
package enum Exporter: String, CaseIterable, Sendable {
    case csv
    case markdown
    case junit
    case openMetrics = "openmetrics"
    case bencher
    /// Latency and memory, for the action's tool `customSmallerIsBetter`.
    case gitHubAction = "github-action-benchmark"
    /// Throughput and accuracy, for the action's tool `customBiggerIsBetter`: a document of that action has one
    /// direction only.
    case gitHubActionBigger = "github-action-benchmark-bigger"
    case googleBenchmark = "google-benchmark"
    case pyperf

    /// The whole document, ending in a newline.
    package func export(_ results: Results) throws(ReportingError) -> String {
        switch self {
        case .csv: CSVExport.text(results)
        case .markdown: MarkdownExport.text(results)
        case .junit: JUnitExport.text(results)
        case .openMetrics: OpenMetricsExport.text(results)
        case .bencher: try BencherExport.text(results)
        case .gitHubAction: try GitHubActionExport.smallerIsBetter(results)
        case .gitHubActionBigger: try GitHubActionExport.biggerIsBetter(results)
        case .googleBenchmark: try GoogleBenchmarkExport.text(results)
        case .pyperf: try PyperfExport.text(results)
        }
    }
}

/// Indented JSON with sorted keys, ending in a newline.
func json(_ document: some Encodable) throws(ReportingError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    } catch {
        throw .unwritable(reason: "\(error)")
    }
}
