/// Markup that is safe to put into a page: literals stand as they are, interpolated text is escaped, so that nothing
/// from a file can become markup. All of it is well-formed XML too.
struct HTML: ExpressibleByStringInterpolation, Sendable {
    private(set) var text: String

    static let empty: HTML = ""

    init(stringLiteral text: String) { self.text = text }

    init(stringInterpolation interpolation: StringInterpolation) { text = interpolation.text }

    init(_ parts: [HTML], separator: HTML = "") { text = parts.map(\.text).joined(separator: separator.text) }

    var isEmpty: Bool { text.isEmpty }

    static func + (a: HTML, b: HTML) -> HTML { "\(a)\(b)" }
    static func += (a: inout HTML, b: HTML) { a.text += b.text }

    struct StringInterpolation: StringInterpolationProtocol {
        var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ html: HTML) { text += html.text }
        mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { text += part.text } }
        mutating func appendInterpolation(_ plain: some StringProtocol) { text += Markup.escaped(String(plain)) }
        mutating func appendInterpolation(_ number: Int) { text += String(number) }
        /// A coordinate: two decimals at most.
        mutating func appendInterpolation(_ number: Double) { text += coordinate(number) }
    }
}

/// With two decimals at most, and none that are zero. Much faster than a format string, of which a page would take
/// tens of thousands. Numbers must be finite and of a page's size.
private func coordinate(_ number: Double) -> String {
    let hundredths = Int((number * 100).rounded())
    let (whole, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
}
