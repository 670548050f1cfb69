import Foundation
import Measurement

/// Accuracy against size and against latency, a pair of drawings per data set.
enum AccuracySection {
    static func section(_ results: Results) -> Section? {
        let scored = results.cases.filter { $0.measured != nil && $0.accuracy?.primary != nil }
        if scored.isEmpty { return nil }
        var datasets: [String] = []
        for one in scored {
            if let name = one.accuracy?.dataset, !datasets.contains(name) { datasets.append(name) }
        }
        let parts = datasets.map { name -> HTML in
            let cases = scored.filter { $0.accuracy?.dataset == name }
            let heading: HTML = datasets.count > 1 ? "<h3 class=\"id\">\(name)</h3>\n" : .empty
            return heading + drawings(cases) + table(cases, dataset: name)
        }
        return Section(id: "accuracy", title: "Accuracy, size and latency", content: HTML(parts))
    }

    /// Cases of one data set; only those with the first one's measure can share its axis.
    private static func drawings(_ cases: [CaseRecord]) -> HTML {
        guard let measure = cases.first?.accuracy?.primary?.measure else { return .empty }
        let scored = cases.compactMap { one in
            one.accuracy.flatMap { accuracy in
                accuracy.primary.flatMap { $0.measure == measure ? (one, accuracy, $0.value) : nil }
            }
        }
        guard scored.count > 1 else { return .empty }
        let intervals = scored.map { $0.1.interval(of: measure) }
        let yScale = Scale.around(
            scored.map(\.2) + intervals.flatMap { [$0?.low, $0?.high].compactMap(\.self) },
            least: measure.isFraction ? 0.01 : 0.1, within: measure.isFraction ? 0...1 : nil)
        func chart(_ title: String, _ label: @escaping (Double) -> String, _ x: (CaseRecord) -> Double?) -> HTML {
            let points = zip(scored, intervals).compactMap { entry, interval in
                x(entry.0).map { ScatterChart.Point(name: entry.0.id, x: $0, y: entry.2, interval: interval) }
            }
            if points.count < 2 { return .empty }
            return ScatterChart(
                points: points, title: "\(measure.title) against \(title)", xTitle: title, xLabel: label,
                yLabel: measure.axisLabel, yScale: yScale
            ).html
        }
        return """
            <p class="note">\(measure.title)\(measure.isFraction ? " with its 95 % interval" : ""). Filled points are on the \
            Pareto front: nothing here is better at no more cost.</p>
            <div class="pair">
            \(chart("weights as stored", Axis.mebibytes) { $0.weights?.bytes.map { Double($0) / 1_048_576 } })\
            \(chart("median latency", Axis.seconds) { $0.measured?.median })</div>

            """
    }

    private static func table(_ cases: [CaseRecord], dataset: String) -> HTML {
        let counts = Set(cases.compactMap { $0.accuracy?.count })
        let images = counts.count == 1 ? counts.first.map { ", \(Format.grouped($0)) images" } ?? "" : ""
        var table = Table(
            caption: "Scored on \(dataset)\(images).",
            columns: [
                .init(title: "case", kind: .text), .init(title: "top-1"), .init(title: "95 % interval"),
                .init(title: "top-5"), .init(title: "PSNR"), .init(title: "PSNR, luma"), .init(title: "SSIM"),
                .init(title: "gate"), .init(title: "weights as stored"), .init(title: "of float32"),
                .init(title: "latency"),
            ])
        table.rows = cases.map { one in
            let accuracy = one.accuracy
            let interval = accuracy?.interval(of: .top1)
            let gates = GateOutcome.all(one)
            return [
                .init(CaseLabel.id(one.id)), .init(accuracy?.top1, Format.percent),
                interval.map { .init("\(Format.range(100 * $0.low, 100 * $0.high))") } ?? .missing,
                .init(accuracy?.top5, Format.percent), .init(accuracy?.psnrDB, Format.decibels),
                .init(accuracy?.psnrLumaDB, Format.decibels), .init(accuracy?.ssim) { String(format: "%.4f", $0) },
                gates.isEmpty ? .missing : .init(gates.allSatisfy(\.met) ? "met" : "<strong>not met</strong>"),
                .init(one.weights?.bytes, Format.bytes), .init(share(one.weights), Format.percent),
                .init(one.measured?.median, Format.seconds),
            ]
        }
        return table.html
    }

    private static func share(_ weights: WeightsRecord?) -> Double? {
        guard let bytes = weights?.bytes, let dense = weights?.denseBytes, dense > 0 else { return nil }
        return Double(bytes) / Double(dense)
    }
}

/// A measure of accuracy that cases are drawn by.
enum Measure {
    case top1, psnrLuma, psnr, ssim

    var title: String {
        switch self {
        case .top1: "Top-1 accuracy"
        case .psnrLuma: "PSNR of the luma"
        case .psnr: "PSNR"
        case .ssim: "SSIM"
        }
    }

    var isFraction: Bool { self == .top1 }

    func axisLabel(_ value: Double) -> String {
        switch self {
        case .top1: "\(Axis.compact(100 * value)) %"
        case .psnrLuma, .psnr: "\(Axis.compact(value)) dB"
        case .ssim: Axis.compact(value)
        }
    }
}

extension AccuracyRecord {
    /// The measure that says most, of those present.
    var primary: (measure: Measure, value: Double)? {
        let measures: [(Measure, Double?)] = [
            (.top1, top1), (.psnrLuma, psnrLumaDB), (.psnr, psnrDB), (.ssim, ssim),
        ]
        return measures.lazy.compactMap { measure, value in value.map { (measure, $0) } }.first
    }

    /// Of a fraction of images that were right; other measures have none.
    func interval(of measure: Measure) -> Interval? {
        guard measure == .top1, let top1, count > 0 else { return nil }
        return Proportion.wilson(successes: top1 * Double(count), total: count)
    }
}
