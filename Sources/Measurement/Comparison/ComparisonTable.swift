extension Comparison {
    /// A table for people, with a line per case and the reasons below it.
    package func text() -> String {
        var lines: [String] = []
        for difference in differences {
            let mark = difference.decisive ? "not comparable: " : "differs: "
            lines.append(mark + difference.line)
        }
        if !lines.isEmpty { lines.append("") }
        lines += table()
        for id in added { lines.append("only in the candidate: \(id)") }
        lines += ["", summary()]
        return lines.joined(separator: "\n") + "\n"
    }

    private func table() -> [String] {
        let header = ["case", "baseline", "candidate", "ratio", "95 % interval", "detectable", "verdict"]
        let rows = cases.map { item in
            [
                item.id, item.baselineMedian.map(Format.seconds) ?? "-",
                item.candidateMedian.map(Format.seconds) ?? "-",
                item.ratio.map(Comparison.number) ?? "-",
                item.ci95.map { "[\(Comparison.number($0.low)), \(Comparison.number($0.high))]" } ?? "-",
                item.minimumDetectableEffect.map(Format.percent) ?? "-", item.verdict.rawValue,
            ]
        }
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ row: [String]) -> String {
            zip(row, widths).enumerated().map { column, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                // Words to the left, numbers to the right.
                return column == 0 || column == row.count - 1 ? cell.0 + padding : padding + cell.0
            }.joined(separator: "  ").trimmingSuffix(" ")
        }
        var lines = [line(header)]
        for (item, row) in zip(cases, rows) {
            lines.append(line(row))
            lines += item.reasons.map { "  " + $0 }
            lines += item.differences.map { "  differs: " + $0.line }
        }
        return lines
    }

    private func summary() -> String {
        let order: [Verdict] = [.regression, .improvement, .same, .inconclusive, .missing, .notComparable]
        let counts = order.compactMap { verdict in
            let count = cases.count { $0.verdict == verdict }
            return count > 0 ? "\(count) \(verdict.rawValue)" : nil
        }
        let overall = ratio.map { "; geometric mean of the ratios \(Comparison.number($0))" } ?? ""
        return "\(verdict): \(counts.isEmpty ? "no cases" : counts.joined(separator: ", "))\(overall)"
    }

    private static func number(_ value: Double) -> String { Format.decimal(value, places: 3) }
}

extension Difference {
    fileprivate var line: String { "\(field): \(baseline ?? "-") -> \(candidate ?? "-")" }
}

extension String {
    fileprivate func trimmingSuffix(_ character: Character) -> String {
        var text = self[...]
        while text.last == character { text = text.dropLast() }
        return String(text)
    }
}
