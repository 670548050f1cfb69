import Foundation
import Measurement

/// What one wants to know first: which run this is, on which machine, whether it went well, and what it found.
enum SummarySection {
    static func header(_ results: Results, runs: Int) -> HTML {
        let figures = figures(results).map { "<div><dt>\($0.name)</dt><dd>\($0.value)</dd></div>\n" as HTML }
        return """
            <header>
            <h1 class="id">\(results.run.suite)</h1>
            <p class="lead">\(lead(results, runs: runs))</p>
            <dl class="figures">
            \(figures)</dl>
            \(notice("Failed", failures(results), bad: true))\(notice("Gates not met", gates(results), bad: true))\
            \(notice("To be aware of", warnings(results), bad: false))</header>

            """
    }

    private static func lead(_ results: Results, runs: Int) -> HTML {
        let (run, environment) = (results.run, results.environment)
        let model = environment.cpu.model.isEmpty ? "unknown processor" : environment.cpu.model
        var parts = ["\(model), \(Format.plural(environment.cpu.cores, "core"))"]
        if let os = environment.os { parts.append(os) }
        parts.append(Format.minute(run.started))
        if let git = run.git { parts.append("commit \(git.commit.prefix(12))\(git.dirty ? " with changes" : "")") }
        if runs > 1 { parts.append("newest of \(runs) runs") }
        return HTML(parts.map { "<span>\($0)</span>" }, separator: " ")
    }

    private static func figures(_ results: Results) -> [(name: String, value: String)] {
        let measured = results.cases.filter { $0.measured != nil }
        var figures = [
            (
                "cases measured",
                measured.count == results.cases.count
                    ? "\(measured.count)" : "\(measured.count) of \(results.cases.count)"
            )
        ]
        let gates = GateOutcome.all(results)
        if !gates.isEmpty { figures.append(("accuracy gates met", "\(gates.count(where: \.met)) of \(gates.count)")) }
        let forms = FormsSection.pairs(results).map(\.ratio.ratio)
        if !forms.isEmpty { figures.append(("fused / training latency", Format.digits(geometricMean(forms)) + "×")) }
        for (engine, ratios) in EnginesSection.ratios(results).prefix(4) {
            figures.append(("\(Format.line(engine)) / native latency", Format.digits(geometricMean(ratios)) + "×"))
        }
        let precisions = measured.compactMap { $0.latencySeconds?.relativePrecision }
        if !precisions.isEmpty {
            figures.append(("typical precision", "± " + String(format: "%.2g", 100 * precisions.median) + " %"))
        }
        return figures
    }

    private static func geometricMean(_ values: [Double]) -> Double { exp(values.map { log($0) }.mean) }

    private static func failures(_ results: Results) -> [String] {
        results.cases.filter { $0.measured == nil }.map { "\($0.id): \($0.error ?? "no samples")" }
    }

    private static func gates(_ results: Results) -> [String] {
        GateOutcome.all(results).filter { !$0.met }.map { "\($0.id): \($0.text)" }
    }

    private static func warnings(_ results: Results) -> [String] {
        (results.run.interrupted == true ? ["The run was interrupted: it holds only what was finished."] : [])
            + results.environment.warnings
    }

    private static func notice(_ title: String, _ items: [String], bad: Bool) -> HTML {
        if items.isEmpty { return .empty }
        let most = 30
        var list = items.prefix(most).map { "<li>\($0)</li>" as HTML }
        if items.count > most { list.append("<li>and \(items.count - most) more</li>") }
        return """
            <div class="notice\(bad ? " bad" : "" as HTML)"><strong>\(title)</strong><ul>\(list)</ul></div>

            """
    }
}

extension LatencyRecord {
    /// Half the median's 95 % interval over the median.
    var relativePrecision: Double? { ci95.map { ($0.high - $0.low) / 2 / median } }
}
