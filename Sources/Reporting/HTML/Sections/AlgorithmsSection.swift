import Foundation
import Measurement

/// The algorithm that was chosen for each layer, folded up.
enum AlgorithmsSection {
    static func section(_ results: Results) -> Section? {
        let parts = results.cases.compactMap { one in
            one.algorithms.flatMap { $0.isEmpty ? nil : details(one, $0) }
        }
        if parts.isEmpty { return nil }
        return Section(id: "algorithms", title: "Algorithms by layer", content: HTML(parts))
    }

    private static func details(_ one: CaseRecord, _ algorithms: [String: String]) -> HTML {
        let counts = algorithms.values.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let summary = counts.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
        var table = Table(
            caption: one.isa.map { "Kernels for \($0)." } ?? "",
            columns: [.init(title: "layer", kind: .text), .init(title: "algorithm", kind: .wide)])
        table.rows = algorithms.sorted { $0.key.compare($1.key, options: .numeric) == .orderedAscending }
            .map { [.init(CaseLabel.id($0.key)), .init("\($0.value)")] }
        return """
            <details>
            <summary>\(CaseLabel.id(one.id))<span>\(summary)</span></summary>
            \(table.html)</details>

            """
    }
}
