import Measurement

/// A value with its interval, as a row of a column of a table.
struct IntervalChart {
    let scale: Scale
    let label: (Double) -> String
    /// Where a line across all rows stands, such as at a ratio of 1.
    var reference: Double?

    var heading: HTML { Axis.heading(scale, label) }

    /// - Parameters:
    ///   - spread: what most samples are in; a thin line.
    ///   - other: sets the row off from the usual ones.
    func row(_ value: Double, interval: Interval?, spread: Interval? = nil, other: Bool = false, hover: String) -> HTML
    {
        var content = Axis.grid(scale)
        if let reference { content.append(SVG.vertical(scale.percent(reference), style: "one")) }
        if let spread {
            content.append(
                SVG.horizontal(scale.percent(spread.low), scale.percent(spread.high), y: "50%", "spread"))
        }
        if let interval {
            content.append(
                SVG.horizontal(
                    scale.percent(interval.low), scale.percent(interval.high), y: "50%",
                    other ? "interval other" : "interval"))
        }
        content.append(SVG.dot(scale.percent(value), "50%", other ? "other" : "main"))
        return SVG.row([SVG.hover(hover, HTML(content))])
    }
}
