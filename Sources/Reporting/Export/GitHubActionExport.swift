import Foundation
import Measurement

/// What the github-action-benchmark action draws and watches. The direction belongs to its tool setting, so there is a
/// document for each: `customSmallerIsBetter` and `customBiggerIsBetter`. Failed cases are left out.
enum GitHubActionExport {
    static func smallerIsBetter(_ results: Results) throws(ReportingError) -> String {
        try json(
            results.cases.flatMap { one -> [Entry] in
                guard let latency = one.measured else { return [] }
                var entries = [
                    Entry(
                        name: one.id, unit: "ms", value: latency.median * 1e3,
                        range: latency.ci95.map { spread($0.low * 1e3, $0.high * 1e3) }, extra: extra(one, latency))
                ]
                if let peak = one.memoryBytes?.peakRSS {
                    entries.append(Entry(name: "\(one.id) peak RSS", unit: "MiB", value: Double(peak) / 1_048_576))
                }
                return entries
            })
    }

    static func biggerIsBetter(_ results: Results) throws(ReportingError) -> String {
        try json(
            results.cases.flatMap { one -> [Entry] in
                guard let latency = one.measured, let rate = one.imagesPerSecond else { return [] }
                let speed = Entry(
                    name: one.id, unit: "images/s", value: rate,
                    range: one.imagesPerSecondInterval.map { spread($0.low, $0.high) }, extra: extra(one, latency))
                let accuracies = (one.accuracy?.measures ?? [:]).sorted { $0.key < $1.key }.map { measure, value in
                    Entry(
                        name: "\(one.id) \(measure)", unit: measure.hasSuffix("_db") ? "dB" : "fraction", value: value,
                        extra: one.accuracy.map { "\($0.dataset), \($0.count) images" })
                }
                return [speed] + accuracies
            })
    }

    private struct Entry: Encodable {
        let name: String
        let unit: String
        let value: Double
        var range: String?
        var extra: String?
    }

    /// Half the interval's width, which the action shows after the value.
    private static func spread(_ low: Double, _ high: Double) -> String {
        String(format: "± %.3g", (high - low) / 2)
    }

    private static func extra(_ one: CaseRecord, _ latency: LatencyRecord) -> String {
        "\(one.engine), \(Format.threads(one.threads)), batch \(one.batch), input \(one.inputShape),"
            + " \(Format.plural(latency.samples.count, "sample"))"
    }
}
