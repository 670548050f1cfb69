import Foundation
import Measurement

/// A case's median over the runs, with the steps in it.
struct HistoryChart {
    struct Point {
        let date: Date
        let commit: String?
        let median: Double
    }

    let points: [Point]
    let segments: [Segment]

    /// More are drawn as medians of neighbours.
    private static let mostPoints = 400
    private static let height = 76.0

    /// `points` are from the oldest on; there must be one.
    init(_ points: [Point]) {
        let group = (points.count + Self.mostPoints - 1) / Self.mostPoints
        self.points =
            group == 1
            ? points
            : stride(from: 0, to: points.count, by: group).map { start in
                let members = points[start..<min(start + group, points.count)]
                let last = members[members.endIndex - 1]
                return Point(date: last.date, commit: last.commit, median: members.map(\.median).median)
            }
        segments = StepDetection.segments(self.points.map(\.median))
    }

    /// Every change of level: the first run after it and the factor.
    var steps: [(at: Point, before: Double, after: Double)] {
        zip(segments, segments.dropFirst()).map { (points[$1.start], $0.level, $1.level) }
    }

    func html(id: String) -> HTML {
        let medians = points.map(\.median)
        let scale = Scale.around(medians, least: 0.04 * medians.median)
        let span = Double(max(points.count - 1, 1))
        func x(_ index: Int) -> Double { Double(index) / span }
        func y(_ value: Double) -> Double { Self.height * (1 - scale.position(value)) }
        let line = points.enumerated().map { (x: x($0.offset), y: y($0.element.median)) }
        var levels: HTML = ""
        for segment in segments {
            let level = y(segment.level)
            levels += SVG.path([(x(segment.start), level), (x(segment.end - 1), level)], "level")
        }
        var content = Axis.left(scale, height: Self.height, about: 3, Axis.seconds)
        content.append(SVG.stretched(height: Self.height, SVG.path(line, "history") + levels))
        content += segments.dropFirst().map { segment in
            SVG.vertical(100 * (x(segment.start) - 0.5 / span), "0", "\(Self.height)", style: "step")
        }
        content += [
            SVG.label(Self.day(points[0].date), x: 0, y: "\(Self.height + 16)"),
            SVG.label(Self.day(points[points.count - 1].date), x: 100, y: "\(Self.height + 16)", anchor: "end"),
        ]
        return """
            <figure>
            <figcaption><b class="id">\(id)</b> \(summary)</figcaption>
            <div class="margin">\(SVG.drawing(
                height: Self.height + 22, title: "Median latency of \(id) over \(points.count) points",
                description: summary, content))</div>
            </figure>

            """
    }

    /// `23.1 ms, +8.1 % at the last step`.
    private var summary: String {
        let last = Format.seconds(points[points.count - 1].median)
        return steps.last.map { "\(last), \(Self.change($0.before, $0.after)) at the last step" } ?? last
    }

    static func change(_ before: Double, _ after: Double) -> String {
        String(format: "%+.1f %%", 100 * (after / before - 1)).replacing("-", with: "−")
    }

    static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }
}
