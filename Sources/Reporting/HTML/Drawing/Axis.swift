import Foundation

/// Ticks with their labels.
enum Axis {
    /// The values that a label is made for, with the label.
    static func seconds(_ value: Double) -> String {
        let (factor, unit) = Format.secondsUnit(value)
        return value == 0 ? "0" : "\(compact(value * factor)) \(unit)"
    }

    /// Of mebibytes, which axes of sizes are in, so that their ticks are round.
    static func mebibytes(_ value: Double) -> String { value == 0 ? "0" : "\(compact(value)) MiB" }

    static func ratio(_ value: Double) -> String { "\(compact(value))×" }

    static func compact(_ value: Double) -> String { String(format: "%.6g", value) }

    /// A heading of a column of charts.
    static func heading(_ scale: Scale, _ label: (Double) -> String) -> HTML {
        let ticks = scale.ticks(about: 4).map { SVG.label(label($0), x: scale.percent($0), y: "14", anchor: "middle") }
        return "<svg class=\"axis\" aria-hidden=\"true\" width=\"100%\" height=\"18\">\(ticks)</svg>"
    }

    /// Thin lines behind a row of a column of charts.
    static func grid(_ scale: Scale) -> [HTML] {
        scale.ticks(about: 4).map { SVG.vertical(scale.percent($0), style: "grid") }
    }

    /// Below a drawing whose plotting area ends at `bottom`.
    static func below(_ scale: Scale, bottom: Double, title: String, _ label: (Double) -> String) -> [HTML] {
        let ticks = scale.ticks(about: 4)
        return ticks.map { SVG.vertical(scale.percent($0), "0", "\(bottom)", style: "grid") }
            + ticks.map { SVG.label(label($0), x: scale.percent($0), y: "\(bottom + 16)", anchor: "middle") }
            + [SVG.label(title, x: 50, y: "\(bottom + 36)", anchor: "middle", "title")]
    }

    /// To the left of a drawing, in the margin that its box keeps.
    static func left(_ scale: Scale, height: Double, about count: Int, _ label: (Double) -> String) -> [HTML] {
        scale.ticks(about: count).flatMap { value -> [HTML] in
            let y: HTML = "\(height * (1 - scale.position(value)))"
            return [
                SVG.horizontal(0, 100, y: y, "grid"),
                SVG.label(label(value), x: 0, y: y, dx: -8, dy: 4, anchor: "end"),
            ]
        }
    }
}
