/// The parts of drawings. A drawing is as wide as its box and of fixed height: horizontal positions are percentages,
/// vertical ones pixels. So text and strokes keep their size at any width, which a scaled view box would not give; only
/// curves and crowds of dots, which have no text, are stretched.
enum SVG {
    /// A whole drawing with its name and description for those who do not see it.
    static func drawing(height: Double, title: String, description: String, _ content: [HTML]) -> HTML {
        """
        <svg class="plot" role="img" width="100%" height="\(height)"><title>\(title)</title>\
        <desc>\(description)</desc>\(content)</svg>
        """
    }

    /// A row of a chart inside a table, whose numbers stand beside it in text. As high as its cell.
    static func row(_ content: [HTML]) -> HTML {
        "<svg class=\"row\" aria-hidden=\"true\" width=\"100%\" height=\"100%\">\(content)</svg>"
    }

    /// What shows when the pointer rests on it.
    static func hover(_ text: String, _ content: HTML) -> HTML { "<g><title>\(text)</title>\(content)</g>" }

    /// From one height to another at one place.
    static func vertical(_ x: Double, _ from: HTML = "0", _ to: HTML = "100%", style: HTML) -> HTML {
        "<line class=\"\(style)\" x1=\"\(x)%\" x2=\"\(x)%\" y1=\"\(from)\" y2=\"\(to)\"/>"
    }

    static func horizontal(_ from: Double, _ to: Double, y: HTML, _ style: HTML) -> HTML {
        "<line class=\"\(style)\" x1=\"\(from)%\" x2=\"\(to)%\" y1=\"\(y)\" y2=\"\(y)\"/>"
    }

    static func dot(_ x: Double, _ y: HTML, radius: Double = 4.5, _ style: HTML) -> HTML {
        "<circle class=\"\(style)\" cx=\"\(x)%\" cy=\"\(y)\" r=\"\(radius)\"/>"
    }

    static func label(
        _ text: String, x: Double, y: HTML, dx: Double = 0, dy: Double = 0, anchor: HTML = "start", _ style: HTML = ""
    ) -> HTML {
        let kind: HTML = style.isEmpty ? "" : " class=\"\(style)\""
        return """
            <text\(kind) x="\(x)%" y="\(y)" dx="\(dx)" dy="\(dy)" text-anchor="\(anchor)">\(text)</text>
            """
    }

    /// Curves and dots in 1,000 units of width, stretched over `width` percent from `x` on. Strokes keep their width.
    static func stretched(x: Double = 0, width: Double = 100, height: Double, _ content: HTML) -> HTML {
        """
        <svg x="\(x)%" y="0" width="\(width)%" height="\(height)" viewBox="0 0 1000 \(height)" \
        preserveAspectRatio="none">\(content)</svg>
        """
    }

    /// Through points in a stretched part; x from 0 to 1.
    static func path(_ points: [(x: Double, y: Double)], _ style: HTML) -> HTML {
        var data: HTML = ""
        for (index, point) in points.enumerated() {
            data += "\(index == 0 ? "M" : "L" as HTML)\((1_000 * point.x).rounded()) \(tenth(point.y))"
        }
        return "<path class=\"\(style)\" d=\"\(data)\"/>"
    }

    /// Round dots in a stretched part, as strokes of no length with round caps.
    static func dots(_ points: [(x: Double, y: Double)], _ style: HTML) -> HTML {
        if points.isEmpty { return .empty }
        let data = points.map { "M\((1_000 * $0.x).rounded()) \(tenth($0.y))h0" as HTML }
        return "<path class=\"\(style)\" d=\"\(data)\"/>"
    }

    private static func tenth(_ value: Double) -> Double { (10 * value).rounded() / 10 }
}
