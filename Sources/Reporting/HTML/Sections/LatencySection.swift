import Measurement

/// The main table: how long every case takes, and how sure that is.
enum LatencySection {
    static func section(_ results: Results) -> Section? {
        let measured = results.cases.compactMap { one in one.measured.map { (one, $0) } }
        if measured.isEmpty { return nil }
        let label = CaseLabel(measured.map(\.0))
        let spreads = measured.map { spread($0.1) }
        let scale = Scale.magnitudes(
            measured.map(\.1.median) + spreads.flatMap { [$0?.low, $0?.high].compactMap(\.self) })
        let chart = IntervalChart(scale: scale, label: Axis.seconds)
        var table = Table(
            caption: """
                Median with its 95 % interval (thick bar); 9 of 10 samples are within the thin line\
                \(scale.logarithmic ? "; logarithmic axis" : ""). \(label.common.isEmpty ? "" : "All: \(label.common).")
                """,
            columns: [
                .init(title: "case", kind: .text), .init(title: chart.heading, kind: .chart), .init(title: "median"),
                .init(title: "95 % interval"), .init(title: "p99"), .init(title: "images/s"), .init(title: "samples"),
            ])
        table.rows = zip(measured, spreads).map { entry, spread in
            let (one, latency) = entry
            let interval = latency.ci95.map(Format.interval)
            return [
                .init(label.html(one)),
                .init(
                    chart.row(
                        latency.median, interval: latency.ci95, spread: spread, other: one.engine != "native",
                        hover: "\(one.id): \(Format.seconds(latency.median))\(interval.map { ", \($0)" } ?? "")")),
                .init(latency.median, Format.seconds),
                interval.map { .init("\($0)", key: latency.relativePrecision) } ?? .missing,
                .init(latency.p99, Format.seconds), .init(one.imagesPerSecond, Format.digits),
                .init(latency.samples.count, Format.grouped),
            ]
        }
        return Section(id: "latency", title: "Latency", content: table.html)
    }

    /// From the 5th to the 95th percentile.
    private static func spread(_ latency: LatencyRecord) -> Interval? {
        guard latency.samples.count >= 20 else { return nil }
        let sorted = latency.samples.sorted()
        return Interval(sorted.quantileOfSorted(0.05), sorted.quantileOfSorted(0.95))
    }
}
