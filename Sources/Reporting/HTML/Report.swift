import Foundation
import Measurement

/// Results files as one self-contained HTML page: a chapter per suite about its newest run, and the history of all of
/// them. Of older runs only the medians are kept, so a thousand files fit easily when they are added one by one.
package struct Report {
    private var chapters: [String: Chapter] = [:]

    package init() {}

    /// In any order; a run that is there already is passed over.
    package mutating func add(_ results: Results) {
        chapters[results.run.suite, default: Chapter()].add(results)
    }

    package static func html(for results: [Results]) -> String {
        var report = Report()
        for one in results { report.add(one) }
        return report.html
    }

    /// The page, the suite that ran last first. The same results give the same page.
    package var html: String {
        let suites = chapters.values.compactMap { chapter in chapter.newest.map { ($0, chapter.runs) } }
            .sorted { ($1.0.run.started, $0.0.run.suite) < ($0.0.run.started, $1.0.run.suite) }
        let title = suites.map(\.0.run.suite).prefix(3).joined(separator: ", ")
        return Skeleton.page(
            title: "\(title.isEmpty ? "No results" : title) – harness",
            chapters: suites.isEmpty
                ? ["<h1>No results</h1>"]
                : suites.enumerated().map { index, suite in
                    article(suite.0, suite.1, prefix: suites.count > 1 ? "\(index + 1)-" : "")
                })
    }

    /// One suite; `prefix` keeps the anchors of several apart.
    private func article(_ results: Results, _ runs: [PastRun], prefix: String) -> HTML {
        let sections = [
            LatencySection.section(results), FormsSection.section(results), EnginesSection.section(results),
            AccuracySection.section(results), UpsamplingSection.section(results),
            ScenariosSection.section(results), MemorySection.section(results),
            PhasesSection.section(results), LayersSection.section(results),
            HistorySection.section(results, runs), DistributionSection.section(results),
            AlgorithmsSection.section(results), EnvironmentSection.section(results),
        ].compactMap { $0 }
        let links = sections.map { "<a href=\"#\(prefix)\($0.id)\">\($0.title)</a>\n" as HTML }
        let bodies = sections.map { section -> HTML in
            """
            <section id="\(prefix)\(section.id)">
            <h2>\(section.title)</h2>
            \(section.content)</section>

            """
        }
        return """
            <article>
            \(SummarySection.header(results, runs: runs.count))<nav aria-label="Sections">
            \(links)</nav>
            \(bodies)</article>

            """
    }
}

/// A part of a chapter with a heading; sections that have nothing to show are nil.
struct Section {
    /// Of its anchor.
    let id: String
    let title: String
    let content: HTML
}
