import Measurement

/// Cases whose queries did not come one after another.
enum ScenariosSection {
    static func section(_ results: Results) -> Section? {
        let cases = results.cases.compactMap { one in one.scenario.map { (one, $0) } }
        if cases.isEmpty { return nil }
        var table = Table(
            caption: "Latency of a query from when it was due; a server at the highest rate within its bound.",
            columns: [
                .init(title: "case", kind: .text), .init(title: "scenario", kind: .wide), .init(title: "images/s"),
                .init(title: "queries"), .init(title: "median"), .init(title: "p90"), .init(title: "p99"),
                .init(title: "bound of p99"),
            ])
        table.rows = cases.map { one, scenario in
            [
                .init(CaseLabel.id(one.id)), .init("\(scenario.name.rawValue)"),
                .init(scenario.throughput, Format.digits), .init(scenario.queries, Format.grouped),
                .init(scenario.median, Format.seconds), .init(scenario.p90, Format.seconds),
                .init(scenario.p99, Format.seconds), .init(scenario.latencyBound, Format.seconds),
            ]
        }
        return Section(id: "scenarios", title: "Scenarios", content: table.html)
    }
}
