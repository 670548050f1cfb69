import Foundation
import Measurement

/// Cost against quality, with the Pareto front: the points that no other beats in both.
struct ScatterChart {
    struct Point {
        let name: String
        let x: Double
        let y: Double
        /// Of y.
        let interval: Interval?
    }

    let points: [Point]
    let title: String
    let xTitle: String
    let xLabel: (Double) -> String
    let yLabel: (Double) -> String
    let yScale: Scale

    private let height = 260.0
    /// Labels are placed for a drawing this wide; a narrower one hides those of dominated points.
    private let assumedWidth = 340.0

    var html: HTML {
        let xScale = Scale.apart(points.map(\.x))
        let front = front
        var content = Axis.left(yScale, height: height, about: 5, yLabel)
        content += Axis.below(xScale, bottom: height, title: xTitle, xLabel)
        let line = front.map { (x: xScale.position(points[$0].x), y: height * (1 - yScale.position(points[$0].y))) }
        content.append(SVG.stretched(height: height, SVG.path(line, "front")))
        for (index, point) in points.enumerated() {
            let (x, y) = place(point, xScale)
            var mark: HTML = ""
            if let interval = point.interval {
                let (top, bottom) = (yScale.position(interval.high), yScale.position(interval.low))
                mark += SVG.vertical(x, "\(height * (1 - top))", "\(height * (1 - bottom))", style: "whisker")
            }
            mark += SVG.dot(x, "\(y)", radius: 5, front.contains(index) ? "main" : "off")
            content.append(SVG.hover("\(point.name): \(yLabel(point.y)), \(xLabel(point.x))", mark))
        }
        content += labels(xScale, front: Set(front))
        let names = front.map { points[$0].name }.joined(separator: ", ")
        return """
            <figure class="margin">
            \(SVG.drawing(
                height: height + 44, title: title, description: "On the Pareto front, by cost: \(names)", content))
            </figure>

            """
    }

    /// Indices of the points on the front, by cost.
    private var front: [Int] {
        let order = points.indices.sorted { (points[$0].x, -points[$0].y) < (points[$1].x, -points[$1].y) }
        var best = -Double.infinity
        return order.filter { index in
            defer { best = max(best, points[index].y) }
            return points[index].y > best
        }
    }

    private func place(_ point: Point, _ xScale: Scale) -> (x: Double, y: Double) {
        (xScale.percent(point.x), height * (1 - yScale.position(point.y)))
    }

    /// Names beside their points, off the rising front if possible, where they cover neither a point nor another name;
    /// those on the front first.
    private func labels(_ xScale: Scale, front: Set<Int>) -> [HTML] {
        var taken = points.map { point in
            let (x, y) = place(point, xScale)
            return Box(x: x / 100 * assumedWidth - 6, y: y - 6, width: 12, height: 12)
        }
        let prefix = commonPrefix
        let order = points.indices.sorted { (front.contains($0) ? 0 : 1, $0) < (front.contains($1) ? 0 : 1, $1) }
        return order.prefix(40).compactMap { index in
            let name = Self.shortened(points[index].name.dropFirst(prefix))
            let (percent, y) = place(points[index], xScale)
            let (x, width) = (percent / 100 * assumedWidth, 6.6 * Double(name.count))
            let places: [(dx: Double, dy: Double, anchor: HTML, left: Double)] = [
                (7, 15, "start", x + 7), (9, 4, "start", x + 9), (-7, -7, "end", x - 7 - width),
                (-9, 4, "end", x - 9 - width), (0, 19, "middle", x - width / 2), (0, -10, "middle", x - width / 2),
                (-7, 15, "end", x - 7 - width), (7, -7, "start", x + 7),
            ]
            for place in places {
                let box = Box(x: place.left, y: y + place.dy - 11, width: width, height: 14)
                let inside = box.x >= 0 && box.x + box.width <= assumedWidth + 24 && box.y + box.height <= height - 2
                guard inside, !taken.contains(where: box.overlaps) else { continue }
                taken.append(box)
                return SVG.label(
                    name, x: percent, y: "\(y)", dx: place.dx, dy: place.dy, anchor: place.anchor,
                    front.contains(index) ? "name" : "name minor")
            }
            return nil
        }
    }

    /// How many characters all names begin with, up to the end of a part; the table below has the whole names.
    private var commonPrefix: Int {
        guard let first = points.first?.name else { return 0 }
        let shared = points.dropFirst().reduce(first) { $0.commonPrefix(with: $1.name) }
        return shared.lastIndex { "-/_ ".contains($0) }.map { shared.distance(from: shared.startIndex, to: $0) + 1 }
            ?? 0
    }

    private static func shortened(_ name: Substring) -> String {
        name.count <= 28 ? String(name) : name.prefix(27) + "…"
    }

    private struct Box {
        let x, y, width, height: Double

        func overlaps(_ other: Box) -> Bool {
            x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
        }
    }
}
