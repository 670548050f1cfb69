import Foundation
import Measurement

/// Numbers with units, as people read them.
package enum Format {
    /// Seconds with three digits and the unit that fits: `13.2 ms`.
    package static func seconds(_ value: Double) -> String {
        let (factor, unit) = secondsUnit(value)
        return "\(digits(value * factor)) \(unit)"
    }

    /// What seconds of this size are multiplied with to be in the unit that fits them. The limits are where three
    /// digits round up to the next unit.
    package static func secondsUnit(_ value: Double) -> (factor: Double, unit: String) {
        switch abs(value) {
        case 0.9995...: (1, "s")
        case 0.9995e-3...: (1e3, "ms")
        case 0.9995e-6...: (1e6, "µs")
        default: (1e9, "ns")
        }
    }

    /// Bytes in units of 1,024: `33.4 MiB`.
    package static func bytes(_ value: Int) -> String {
        switch abs(value) {
        case (1 << 30)...: digits(Double(value) / Double(1 << 30)) + " GiB"
        case (1 << 20)...: digits(Double(value) / Double(1 << 20)) + " MiB"
        case (1 << 10)...: digits(Double(value) / Double(1 << 10)) + " KiB"
        default: "\(value) B"
        }
    }

    /// `8.31 M`, `1.36 G`.
    package static func count(_ value: Int) -> String {
        switch abs(value) {
        case 1_000_000_000...: digits(Double(value) / 1e9) + " G"
        case 1_000_000...: digits(Double(value) / 1e6) + " M"
        case 1_000...: digits(Double(value) / 1e3) + " k"
        default: "\(value)"
        }
    }

    package static func percent(_ fraction: Double) -> String { String(format: "%.2f %%", fraction * 100) }

    package static func ratio(_ value: Double) -> String { String(format: "%.3f", value) }

    /// Three significant digits or more, without an exponent.
    package static func digits(_ value: Double) -> String {
        switch abs(value) {
        case 1e15...: String(format: "%.3g", value)
        case 999.5...: grouped(Int(value.rounded()))
        case 99.95...: String(format: "%.0f", value)
        case 9.995...: String(format: "%.1f", value)
        default: String(format: "%.2f", value)
        }
    }

    /// `28.31 dB`.
    package static func decibels(_ value: Double) -> String { String(format: "%.2f dB", value) }

    /// `13.1 … 13.4 ms`: both ends in the unit of the upper one, with as many digits as tell them apart.
    package static func interval(_ interval: Interval) -> String {
        let (factor, unit) = secondsUnit(interval.high)
        return "\(range(interval.low * factor, interval.high * factor)) \(unit)"
    }

    /// `0.921 … 0.934`: at least three significant digits, and down to the first digit of the difference as long as that
    /// takes no more than four decimals.
    package static func range(_ low: Double, _ high: Double, leastDecimals: Int = 0) -> String {
        let width = high - low
        let forWidth = width > 0 ? min(4, (1 - log10(width)).rounded(.down)) : 0
        let forSize = abs(high) >= 99.95 ? 0 : abs(high) >= 9.995 ? 1 : 2
        let decimals = max(Int(max(forWidth, -1)), forSize, leastDecimals)
        return String(format: "%.*f … %.*f", decimals, low, decimals, high)
    }

    /// `1 thread`, `2 threads`.
    package static func threads(_ count: Int) -> String { plural(count, "thread") }

    /// `1 case`, `2 cases`; `plural` where an s is not enough.
    package static func plural(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(grouped(count)) \(count == 1 ? noun : plural ?? noun + "s")"
    }

    /// `1,200`.
    package static func grouped(_ count: Int) -> String {
        var digits = String(count.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (count < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// `2026-01-31 14:05 UTC`.
    package static func minute(_ date: Date) -> String {
        date.formatted(.iso8601).prefix(16).replacing("T", with: " ") + " UTC"
    }

    /// Text on one line, without characters that would steer a terminal or turn the direction of what follows: they
    /// become U+FFFD, line breaks and tabs blanks.
    package static func line(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control: line += scalar.properties.isWhitespace ? " " : "\u{FFFD}"
            case .lineSeparator, .paragraphSeparator: line += " "
            case .format where scalar.setsDirection: line += "\u{FFFD}"
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }

    /// `1:05`, or `2:03:00`.
    package static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        return whole >= 3600
            ? String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
            : String(format: "%d:%02d", whole / 60, whole % 60)
    }
}
