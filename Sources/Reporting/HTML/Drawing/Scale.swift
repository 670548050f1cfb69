import Foundation

/// Maps values to positions from 0 to 1 along an axis.
struct Scale: Sendable {
    let low: Double
    let high: Double
    let logarithmic: Bool

    /// An axis from zero, or a logarithmic one when the values differ so much that the small ones would not be seen.
    static func magnitudes(_ values: [Double]) -> Scale {
        let positive = values.filter { $0 > 0 && $0.isFinite }
        guard let low = positive.min(), let high = positive.max() else { return Scale(low: 0, high: 1) }
        return high / low > 12
            ? Scale(low: low / 1.3, high: high * 1.3, logarithmic: true) : Scale(low: 0, high: high * 1.06)
    }

    /// An axis for positive values whose distance from zero does not matter.
    static func apart(_ values: [Double]) -> Scale {
        let logarithmic = magnitudes(values)
        return logarithmic.logarithmic
            ? logarithmic : around(values, least: 0.1 * (values.max() ?? 1), within: 0...1e300)
    }

    /// A logarithmic axis for ratios, with 1 on it.
    static func ratios(_ values: [Double]) -> Scale {
        let positive = values.filter { $0 > 0 && $0.isFinite } + [1]
        let (low, high) = (positive.min() ?? 1, positive.max() ?? 1)
        let margin = max(pow(high / low, 0.08), 1.05)
        return Scale(low: low / margin, high: high * margin, logarithmic: true)
    }

    /// A linear axis around values whose distance from zero does not matter; `least` is the least width of the axis.
    static func around(_ values: [Double], least: Double, within limits: ClosedRange<Double>? = nil) -> Scale {
        let finite = values.filter(\.isFinite)
        let (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
        let half = max(high - low, least) * 0.56
        let middle = (low + high) / 2
        return Scale(
            low: max(middle - half, limits?.lowerBound ?? -.infinity),
            high: min(middle + half, limits?.upperBound ?? .infinity))
    }

    init(low: Double, high: Double, logarithmic: Bool = false) {
        self.low = low
        self.high = high > low ? high : low + max(abs(low) * 0.01, 1e-12)
        self.logarithmic = logarithmic
    }

    /// From 0 to 1; values beyond the axis are put at its ends.
    func position(_ value: Double) -> Double {
        let part =
            logarithmic ? log(max(value, low) / low) / log(high / low) : (value - low) / (high - low)
        return min(max(part, 0), 1)
    }

    /// The same in percent, for horizontal positions.
    func percent(_ value: Double) -> Double { 100 * position(value) }

    /// Round values on the axis, about as many as asked for, but two at least.
    func ticks(about count: Int) -> [Double] {
        if logarithmic {
            let decades = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
            for digits in [[1, 2, 5], [1, 3], [1]] as [[Double]] {
                let ticks = decades.flatMap { decade in digits.map { $0 * pow(10, Double(decade)) } }.filter(contains)
                if ticks.count < 3 { break }
                if ticks.count <= count + 1 { return ticks }
            }
            if high / low > 1_000 {
                let decadesApart = max(1, Int(log10(high / low)) / count)
                return decades.filter { $0.isMultiple(of: decadesApart) }.map { pow(10, Double($0)) }.filter(contains)
            }
        }
        let rough = (high - low) / Double(count)
        let magnitude = pow(10, log10(rough).rounded(.down))
        let step = ([1, 2, 5].map { $0 * magnitude }.first { $0 >= rough }) ?? 10 * magnitude
        let first = (low / step).rounded(.up)
        // Multiples of a step, so that the error does not grow along the axis.
        let ticks = (0...2 * count + 2).map { (first + Double($0)) * step }.filter(contains)
        return ticks.count < 2 && count < 20 ? self.ticks(about: 2 * count) : ticks
    }

    private func contains(_ value: Double) -> Bool {
        let slack = (high - low) * 1e-9
        return value >= low - slack && value <= high + slack
    }
}
