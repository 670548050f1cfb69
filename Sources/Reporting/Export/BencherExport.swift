import Measurement

/// Bencher Metric Format: benchmark, measure, value with bounds. Latency is in nanoseconds and throughput in operations
/// per second, as Bencher's built-in measures of these names are; the others are in the units of the results file.
/// Failed cases are left out, which Bencher shows as a gap.
enum BencherExport {
    static func text(_ results: Results) throws(ReportingError) -> String {
        var document: [String: [String: Metric]] = [:]
        for one in results.cases {
            guard let latency = one.measured else { continue }
            var measures = [
                "latency": Metric(
                    value: latency.median * 1e9, lowerValue: latency.ci95.map { $0.low * 1e9 },
                    upperValue: latency.ci95.map { $0.high * 1e9 })
            ]
            let interval = one.imagesPerSecondInterval
            measures["throughput"] = one.imagesPerSecond.map {
                Metric(value: $0, lowerValue: interval?.low, upperValue: interval?.high)
            }
            measures["peak-rss"] = one.memoryBytes?.peakRSS.map { Metric(value: Double($0)) }
            measures["weights"] = one.weights?.bytes.map { Metric(value: Double($0)) }
            for (measure, value) in one.accuracy?.measures ?? [:] {
                measures[measure.replacing("_", with: "-")] = Metric(value: value)
            }
            document[one.id] = measures
        }
        return try json(document)
    }

    private struct Metric: Encodable {
        let value: Double
        var lowerValue: Double?
        var upperValue: Double?

        enum CodingKeys: String, CodingKey {
            case value
            case lowerValue = "lower_value"
            case upperValue = "upper_value"
        }
    }
}
