import Measurement

/// Contenders against this project's own engine, on the same network in the same run. A contender's case has the id of
/// the native one and its engine: `case@engine`.
enum EnginesSection {
    static func section(_ results: Results) -> Section? {
        let contenders = contenders(results)
        if contenders.isEmpty { return nil }
        let values = contenders.flatMap { [$0.ratio, $0.interval?.low, $0.interval?.high].compactMap(\.self) }
        let chart = IntervalChart(scale: .ratios(values), label: Axis.ratio, reference: 1)
        var table = Table(
            caption: "Latency over that of the native engine, with its 95 % interval: above 1, native is faster.",
            columns: [
                .init(title: "case", kind: .text), .init(title: "engine", kind: .text),
                .init(title: chart.heading, kind: .chart), .init(title: "ratio"), .init(title: "95 % interval"),
                .init(title: "latency"), .init(title: "native"), .init(title: "peak RSS"), .init(title: "native"),
            ])
        table.rows = contenders.map { contender in
            let (one, native) = (contender.record, contender.native)
            let version = one.engineVersion.map { " \($0)" } ?? ""
            return [
                .init(CaseLabel.id(native?.id ?? one.id)), .init("\(one.engine + version)"),
                .init(
                    chart.row(
                        contender.ratio, interval: contender.interval, other: true,
                        hover: "\(one.id): \(Format.ratio(contender.ratio)) × native")),
                .init(contender.ratio, Format.ratio),
                contender.interval.map { .init("\(Format.range($0.low, $0.high, leastDecimals: 3))") } ?? .missing,
                .init(one.measured?.median, Format.seconds), .init(native?.measured?.median, Format.seconds),
                .init(one.memoryBytes?.peakRSS, Format.bytes), .init(native?.memoryBytes?.peakRSS, Format.bytes),
            ]
        }
        return Section(id: "engines", title: "Other engines", content: table.html)
    }

    /// All ratios of an engine, in the order in which the engines come.
    static func ratios(_ results: Results) -> [(engine: String, ratios: [Double])] {
        var ratios: [(engine: String, ratios: [Double])] = []
        for contender in contenders(results) {
            if let known = ratios.firstIndex(where: { $0.engine == contender.record.engine }) {
                ratios[known].ratios.append(contender.ratio)
            } else {
                ratios.append((contender.record.engine, [contender.ratio]))
            }
        }
        return ratios
    }

    private struct Contender {
        let record: CaseRecord
        let native: CaseRecord?
        let ratio: Double
        let interval: Interval?
    }

    private static func contenders(_ results: Results) -> [Contender] {
        let cases = Dictionary(results.cases.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return results.cases.compactMap { one in
            guard one.engine != "native", one.measured != nil else { return nil }
            let suffix = "@\(one.engine)"
            let native = one.id.hasSuffix(suffix) ? cases[String(one.id.dropLast(suffix.count))] : nil
            let estimate = native.flatMap { MedianRatio(of: one, to: $0) }
            guard let ratio = estimate?.ratio ?? one.ratioToNative, ratio > 0 else { return nil }
            return Contender(record: one, native: native, ratio: ratio, interval: estimate?.interval())
        }
    }
}
