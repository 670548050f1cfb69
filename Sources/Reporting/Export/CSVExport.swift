import Foundation
import Measurement

/// A row per case, failed ones included: RFC 4180, with plain newlines between the rows. Columns are named after the
/// keys of the results file; numbers are exact, in seconds and bytes; what is missing is empty.
enum CSVExport {
    static func text(_ results: Results) -> String {
        let rows = [columns.map(\.name)] + results.cases.map { one in columns.map { $0.value(results, one) ?? "" } }
        return rows.map { $0.map(quoted).joined(separator: ",") + "\n" }.joined()
    }

    private typealias Column = (name: String, value: @Sendable (Results, CaseRecord) -> String?)

    private static let columns: [Column] = [
        ("suite", { run, _ in run.run.suite }),
        ("run", { run, _ in run.run.id }),
        ("started", { run, _ in run.run.started.formatted(.iso8601) }),
        ("commit", { run, _ in run.run.git?.commit }),
        ("case", { $1.id }),
        ("model", { $1.model }),
        ("variant", { $1.variant }),
        ("form", { $1.form }),
        ("engine", { $1.engine }),
        ("threads", { "\($1.threads)" }),
        ("batch", { "\($1.batch)" }),
        ("input", { $1.input.map(String.init).joined(separator: "x") }),
        ("samples", { $1.latencySeconds.map { "\($0.samples.count)" } }),
        ("latency_median", { exact($1.latencySeconds?.median) }),
        ("latency_ci95_low", { exact($1.latencySeconds?.ci95?.low) }),
        ("latency_ci95_high", { exact($1.latencySeconds?.ci95?.high) }),
        ("latency_mean", { exact($1.latencySeconds?.mean) }),
        ("latency_min", { exact($1.latencySeconds?.min) }),
        ("latency_max", { exact($1.latencySeconds?.max) }),
        ("latency_p90", { exact($1.latencySeconds?.p90) }),
        ("latency_p99", { exact($1.latencySeconds?.p99) }),
        ("images_per_second", { exact($1.imagesPerSecond) }),
        ("peak_rss", { whole($1.memoryBytes?.peakRSS) }),
        ("memory_weights", { whole($1.memoryBytes?.weights) }),
        ("memory_activations", { whole($1.memoryBytes?.activations) }),
        ("weights_bytes", { whole($1.weights?.bytes) }),
        ("weights_dense_bytes", { whole($1.weights?.denseBytes) }),
        ("dataset", { $1.accuracy?.dataset }),
        ("images", { whole($1.accuracy?.count) }),
        ("top1", { exact($1.accuracy?.top1) }),
        ("top5", { exact($1.accuracy?.top5) }),
        ("psnr_db", { exact($1.accuracy?.psnrDB) }),
        ("psnr_luma_db", { exact($1.accuracy?.psnrLumaDB) }),
        ("ssim", { exact($1.accuracy?.ssim) }),
        ("ratio_to_native", { exact($1.ratioToNative) }),
        ("output_sha256", { $1.outputSHA256 }),
        ("error", { $1.error }),
    ]

    private static func exact(_ value: Double?) -> String? { value.map { "\($0)" } }
    private static func whole(_ value: Int?) -> String? { value.map { "\($0)" } }

    private static func quoted(_ cell: String) -> String {
        guard cell.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }
}
