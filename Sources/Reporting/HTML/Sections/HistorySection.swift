import Measurement

/// The medians of a suite's cases over its runs on the same machine, and the steps in them.
enum HistorySection {
    /// Further ones are folded up.
    private static let shown = 24

    static func section(_ results: Results, _ runs: [PastRun]) -> Section? {
        let machine = Machine(results.environment)
        let comparable = runs.filter { $0.machine == machine }
        if comparable.count < 2 { return nil }
        let charts = results.cases.compactMap { one -> (id: String, chart: HistoryChart)? in
            let points = comparable.compactMap { run in
                run.cases[one.id].flatMap { past in
                    past.threads == one.threads && past.batch == one.batch
                        ? HistoryChart.Point(date: run.started, commit: run.commit, median: past.median) : nil
                }
            }
            return points.count < 2 ? nil : (one.id, HistoryChart(points))
        }
        if charts.isEmpty { return nil }
        var note = "Median latency in the order of the runs; every axis is its case’s own."
        if comparable.count < runs.count {
            note += " \(Format.plural(runs.count - comparable.count, "run")) on other machines left out."
        }
        let drawings = charts.map { $0.chart.html(id: $0.id) }
        let more: HTML =
            drawings.count > shown
            ? """
            <details><summary><span>\(Format.plural(drawings.count - shown, "further case"))</span></summary>
            <div class="many">
            \(Array(drawings.dropFirst(shown)))</div></details>

            """ : .empty
        return Section(
            id: "history", title: "History",
            content: """
                <p class="note">\(note)</p>
                \(steps(charts))<div class="many">
                \(Array(drawings.prefix(shown)))</div>
                \(more)
                """)
    }

    private static func steps(_ charts: [(id: String, chart: HistoryChart)]) -> HTML {
        var table = Table(
            caption: "Steps: where the level of a case changed for good.",
            columns: [
                .init(title: "case", kind: .text), .init(title: "since", kind: .text),
                .init(title: "commit", kind: .text), .init(title: "before"), .init(title: "after"),
                .init(title: "change"),
            ])
        for (id, chart) in charts {
            table.rows += chart.steps.map { step in
                [
                    .init(CaseLabel.id(id)), .init("\(HistoryChart.day(step.at.date))"),
                    step.at.commit.map { .init("\($0.prefix(12))") } ?? .missing,
                    .init(step.before, Format.seconds), .init(step.after, Format.seconds),
                    .init("\(HistoryChart.change(step.before, step.after))", key: step.after / step.before),
                ]
            }
        }
        return table.rows.isEmpty ? .empty : table.html
    }
}
