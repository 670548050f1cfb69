import Foundation
import Measurement

/// A table for a pull request or a README, in GitHub's dialect, with failures and warnings below it. Columns that no
/// case fills are left out.
enum MarkdownExport {
    static func text(_ results: Results) -> String {
        let measured = results.cases.filter { $0.measured != nil }
        let shown = columns.filter { column in measured.contains { column.value($0) != nil } }
        var lines = ["**\(escaped(results.run.suite))** on \(escaped(subject(results)))", ""]
        if !measured.isEmpty {
            lines.append(row(["case"] + shown.map(\.name)))
            lines.append(row(["---"] + shown.map { _ in "---:" }))
            lines += measured.map { one in row([escaped(one.id)] + shown.map { $0.value(one).map(escaped) ?? "–" }) }
            lines.append("")
        }
        let (skipped, failed) = (results.cases.filter(\.isSkipped), results.cases.filter(\.isFailed))
        lines += list("Failed", failed.map { "\($0.id): \($0.error ?? "no samples")" })
        lines += list("Not run", skipped.map { "\($0.id): \($0.note ?? "")" })
        lines += list("Gates not met", GateOutcome.all(results).filter { !$0.met }.map { "\($0.id): \($0.text)" })
        lines += list("Warnings", results.environment.warnings)
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let columns: [(name: String, value: @Sendable (CaseRecord) -> String?)] = [
        ("threads", { "\($0.threads)" }),
        ("latency", { $0.measured.map { Format.seconds($0.median) } }),
        ("95 % interval", { $0.measured?.ci95.map(Format.interval) }),
        ("images/s", { $0.imagesPerSecond.map(Format.digits) }),
        ("× native", { $0.ratioToNative.map(Format.ratio) }),
        ("peak RSS", { $0.memoryBytes?.peakRSS.map(Format.bytes) }),
        ("weights", { $0.weights?.bytes.map(Format.bytes) }),
        ("top-1", { $0.accuracy?.top1.map(Format.percent) }),
        ("top-5", { $0.accuracy?.top5.map(Format.percent) }),
        ("PSNR", { ($0.accuracy?.psnrLumaDB ?? $0.accuracy?.psnrDB).map(Format.decibels) }),
        ("SSIM", { $0.accuracy?.ssim.map { String(format: "%.4f", $0) } }),
    ]

    private static func subject(_ results: Results) -> String {
        let cpu = results.environment.cpu
        var parts = ["\(cpu.model) (\(cpu.cores) cores)", results.run.started.formatted(.iso8601)]
        if let git = results.run.git { parts.append("commit \(git.commit.prefix(12))\(git.dirty ? ", modified" : "")") }
        return parts.joined(separator: ", ")
    }

    private static func list(_ title: String, _ items: [String]) -> [String] {
        items.isEmpty ? [] : ["\(title):", ""] + items.map { "- " + escaped($0) } + [""]
    }

    private static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    /// Text that shows as itself: CommonMark lets a backslash stand before any ASCII punctuation.
    private static func escaped(_ text: String) -> String {
        String(Format.line(text).flatMap { "\\`*_[]<>|~#&$@".contains($0) ? ["\\", $0] : [$0] })
    }
}
