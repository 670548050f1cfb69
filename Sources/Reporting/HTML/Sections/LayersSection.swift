import Measurement

/// Which layers take the time, folded up.
enum LayersSection {
    private static let most = 200

    static func section(_ results: Results) -> Section? {
        let parts = results.cases.compactMap { one in one.layers.flatMap { $0.isEmpty ? nil : details(one, $0) } }
        return parts.isEmpty ? nil : Section(id: "layers", title: "Time by layer", content: HTML(parts))
    }

    private static func details(_ one: CaseRecord, _ layers: [LayerTime]) -> HTML {
        let total = layers.reduce(0) { $0 + $1.seconds }
        let largest = layers.map(\.seconds).max() ?? 0
        let chart = StackChart(scale: Scale(low: 0, high: max(largest, 1e-9) * 1.04), label: Axis.seconds)
        var table = Table(
            caption: layers.count > most ? "The first \(most) of \(layers.count) layers." : "",
            columns: [
                .init(title: "layer", kind: .text), .init(title: chart.heading, kind: .chart), .init(title: "median"),
                .init(title: "share"), .init(title: "algorithm", kind: .wide),
            ])
        table.rows = layers.prefix(most).map { layer in
            let time = Format.seconds(layer.seconds)
            return [
                .init(CaseLabel.id(layer.name)), .init(chart.row([(layer.seconds, "first", "\(layer.name): \(time)")])),
                .init(layer.seconds, Format.seconds),
                .init(total > 0 ? layer.seconds / total : nil) { Format.digits(100 * $0) + " %" },
                layer.algorithm.map { .init("\($0)") } ?? .missing,
            ]
        }
        let slowest = layers.max { $0.seconds < $1.seconds }?.name ?? ""
        return """
            <details>
            <summary>\(CaseLabel.id(one.id))<span>\("\(layers.count) layers, most in \(slowest)")</span></summary>
            \(table.html)</details>

            """
    }
}
