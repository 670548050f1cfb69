import Measurement

/// Networks that ran both as they are trained and fused for inference.
enum FormsSection {
    struct Pair {
        let training: CaseRecord
        let fused: CaseRecord
        let ratio: MedianRatio
    }

    static func section(_ results: Results) -> Section? {
        let pairs = pairs(results)
        if pairs.isEmpty { return nil }
        let label = CaseLabel(pairs.map(\.fused))
        let intervals = pairs.map { $0.ratio.interval() }
        let scale = Scale.ratios(pairs.map(\.ratio.ratio) + intervals.flatMap { [$0.low, $0.high] })
        let chart = IntervalChart(scale: scale, label: Axis.ratio, reference: 1)
        var table = Table(
            caption: """
                Latency of the fused form over that of the training form, with the 95 % interval of the ratio: below 1, \
                fusing pays.
                """,
            columns: [
                .init(title: "fused case", kind: .text), .init(title: chart.heading, kind: .chart),
                .init(title: "training"), .init(title: "fused"), .init(title: "ratio"), .init(title: "95 % interval"),
                .init(title: "weights, training"), .init(title: "fused"),
            ])
        table.rows = zip(pairs, intervals).map { pair, interval in
            [
                .init(label.html(pair.fused)),
                .init(
                    chart.row(
                        pair.ratio.ratio, interval: interval,
                        hover: "\(pair.fused.id): \(Format.ratio(pair.ratio.ratio)) × \(pair.training.id)")),
                .init(pair.training.measured?.median, Format.seconds),
                .init(pair.fused.measured?.median, Format.seconds), .init(pair.ratio.ratio, Format.ratio),
                .init("\(Format.range(interval.low, interval.high, leastDecimals: 3))"),
                .init(pair.training.weights?.bytes, Format.bytes), .init(pair.fused.weights?.bytes, Format.bytes),
            ]
        }
        return Section(id: "forms", title: "Training form and fused form", content: table.html)
    }

    static func pairs(_ results: Results) -> [Pair] {
        func key(_ one: CaseRecord) -> [String] {
            [
                one.model, one.variant == one.form ? "" : one.variant ?? "", one.engine, "\(one.threads)",
                "\(one.batch)", one.inputShape,
            ]
        }
        let training = Dictionary(
            results.cases.filter { $0.form == "training" && $0.measured != nil }.map { (key($0), $0) },
            uniquingKeysWith: { first, _ in first })
        return results.cases.compactMap { fused in
            guard fused.form == "fused", let training = training[key(fused)] else { return nil }
            return MedianRatio(of: fused, to: training).map { Pair(training: training, fused: fused, ratio: $0) }
        }
    }
}

extension MedianRatio {
    /// Nil unless both have samples.
    init?(of one: CaseRecord, to base: CaseRecord) {
        guard let ours = one.measured, let theirs = base.measured else { return nil }
        self.init(
            ProcessMedians(theirs.processes), ProcessMedians(ours.processes), expectedNoise: MedianRatio.defaultNoise)
    }
}
