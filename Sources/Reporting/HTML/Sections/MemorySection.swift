import Measurement

/// Peak resident memory, and what is known of its parts.
enum MemorySection {
    static func section(_ results: Results) -> Section? {
        let cases = results.cases.compactMap { one in
            one.measured == nil ? nil : one.memoryBytes.map { (one, Parts($0)) }
        }.filter { $0.1.total > 0 }
        if cases.isEmpty { return nil }
        let chart = StackChart(
            scale: Scale(low: 0, high: (cases.map(\.1.total).max() ?? 1) * 1.04), label: Axis.mebibytes)
        var table = Table(
            caption: """
                Peak resident memory of the case’s own process:<span class="swatch first"></span>weights\
                <span class="swatch second"></span>activations\
                <span class="swatch rest"></span>code, libraries, buffers
                """,
            columns: [
                .init(title: "case", kind: .text), .init(title: chart.heading, kind: .chart), .init(title: "peak RSS"),
                .init(title: "weights"), .init(title: "activations"), .init(title: "stored"),
                .init(title: "as float32"),
            ])
        table.rows = cases.map { one, parts in
            [
                .init(CaseLabel.id(one.id)), .init(chart.row(parts.stack)),
                .init(one.memoryBytes?.peakRSS, Format.bytes), .init(one.memoryBytes?.weights, Format.bytes),
                .init(one.memoryBytes?.activations, Format.bytes), .init(one.weights?.bytes, Format.bytes),
                .init(one.weights?.denseBytes, Format.bytes),
            ]
        }
        return Section(id: "memory", title: "Memory", content: table.html)
    }

    /// In mebibytes.
    private struct Parts {
        let weights: Double
        let activations: Double
        /// Of the peak; none where the parts are larger, as pages of a mapped file may never have been resident.
        let rest: Double

        init(_ memory: MemoryRecord) {
            weights = Self.mebibytes(memory.weights)
            activations = Self.mebibytes(memory.activations)
            rest = max(0, Self.mebibytes(memory.peakRSS) - weights - activations)
        }

        static func mebibytes(_ bytes: Int?) -> Double { Double(bytes ?? 0) / 1_048_576 }

        var total: Double { weights + activations + rest }

        var stack: [(value: Double, style: HTML, hover: String)] {
            [
                (weights, "first", "weights: \(Format.digits(weights)) MiB"),
                (activations, "second", "activations: \(Format.digits(activations)) MiB"),
                (rest, "rest", "code, libraries, buffers: \(Format.digits(rest)) MiB"),
            ]
        }
    }
}
