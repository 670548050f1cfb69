/// Parts of a whole, as a row of a column of a table.
struct StackChart {
    let scale: Scale
    let label: (Double) -> String

    var heading: HTML { Axis.heading(scale, label) }

    /// From the left, each with its style and what the pointer shows.
    func row(_ parts: [(value: Double, style: HTML, hover: String)]) -> HTML {
        var content = Axis.grid(scale)
        var start = 0.0
        for part in parts where part.value > 0 {
            let (from, to) = (scale.percent(start), scale.percent(start + part.value))
            content.append(
                SVG.hover(
                    part.hover,
                    """
                    <rect class="\(part.style)" x="\(from)%" y="50%" width="\(to - from)%" height="12" \
                    transform="translate(0 -6)"/>
                    """))
            start += part.value
        }
        return SVG.row(content)
    }
}
