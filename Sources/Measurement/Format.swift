import Foundation

/// Numbers for people and for files.
enum Format {
    /// With two decimals, such as `1.50 %` for 0.015.
    static func percent(_ fraction: Double) -> String { decimal(100 * fraction, places: 2) + " %" }

    static func decimal(_ value: Double, places: Int) -> String { String(format: "%.\(places)f", value) }

    /// With four digits and a unit, such as `12.35 ms`.
    static func seconds(_ seconds: Double) -> String {
        let units: [(Double, String)] = [(1, "s"), (1e-3, "ms"), (1e-6, "us")]
        let (factor, unit) = units.first { seconds >= $0.0 } ?? (1e-9, "ns")
        return String(format: "%.4g ", seconds / factor) + unit
    }

    /// Rounded to six significant digits: more than any measurement has, and the same on every machine.
    static func rounded(_ value: Double) -> Double { Double(String(format: "%.6g", value)) ?? value }
}
