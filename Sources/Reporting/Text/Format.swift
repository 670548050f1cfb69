import Foundation

/// Numbers with units, as people read them.
package enum Format {
    /// Seconds with three digits and the unit that fits: `13.2 ms`.
    package static func seconds(_ value: Double) -> String {
        switch abs(value) {
        case 1...: digits(value) + " s"
        case 1e-3...: digits(value * 1e3) + " ms"
        case 1e-6...: digits(value * 1e6) + " µs"
        default: digits(value * 1e9) + " ns"
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

    /// Three significant digits, without an exponent.
    package static func digits(_ value: Double) -> String {
        switch abs(value) {
        case 100...: String(format: "%.0f", value)
        case 10...: String(format: "%.1f", value)
        default: String(format: "%.2f", value)
        }
    }

    /// `1:05`, or `2:03:00`.
    package static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        return whole >= 3600
            ? String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
            : String(format: "%d:%02d", whole / 60, whole % 60)
    }
}
