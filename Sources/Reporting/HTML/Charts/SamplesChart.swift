import Measurement

/// The samples of a case in the order taken, outliers set off, and beside them how they are distributed.
struct SamplesChart {
    let latency: LatencyRecord

    private static let height = 130.0
    /// More dots would only cover each other.
    private static let mostDots = 300
    private static let bins = 26

    private let scale: Scale
    private let fences: TukeyFences
    /// Above the drawing's upper end, which a few very slow samples must not push away.
    private let beyond: Int
    private let shown: [Int]

    init(_ latency: LatencyRecord) {
        self.latency = latency
        let sorted = latency.samples.sorted()
        fences = TukeyFences(latency.samples)
        let (low, high) = (sorted[0], sorted[sorted.count - 1])
        let range = sorted.quantileOfSorted(0.75) - sorted.quantileOfSorted(0.25)
        let top = range > 0 ? min(high, sorted.quantileOfSorted(0.75) + 12 * range) : high
        beyond = sorted.count { $0 > top }
        let margin = max((top - low) * 0.06, 0.002 * low)
        scale = Scale(low: low - margin, high: top + margin)
        shown = Self.thinned(latency.samples, fences)
    }

    var html: HTML {
        """
        <figure>
        <div class="margin">\(SVG.drawing(
            height: Self.height + 40, title: "Samples in the order taken and their histogram",
            description: caption, axes + [dots, histogram, median]))</div>
        <figcaption>\(caption)</figcaption>
        </figure>

        """
    }

    // MARK: The drawing: dots on the left 70 %, the histogram on the right 26 %

    private var axes: [HTML] {
        Axis.left(scale, height: Self.height, about: 4, Axis.seconds) + [
            SVG.label("sample 1", x: 0, y: "\(Self.height + 18)"),
            SVG.label(Format.grouped(latency.samples.count), x: 70, y: "\(Self.height + 18)", anchor: "end"),
            SVG.label("how many", x: 74, y: "\(Self.height + 18)"),
        ] + boundaries
    }

    private var boundaries: [HTML] {
        var ends: [Double] = []
        var count = 0
        for process in latency.processes.dropLast() {
            count += process.count
            ends.append(70 * Double(count) / Double(latency.samples.count))
        }
        return ends.count > 40 ? [] : ends.map { SVG.vertical($0, "0", "\(Self.height)", style: "process") }
    }

    private var dots: HTML {
        let samples = latency.samples
        func points(_ indices: [Int]) -> [(x: Double, y: Double)] {
            indices.map { ((Double($0) + 0.5) / Double(samples.count), y(samples[$0])) }
        }
        let usual = shown.filter { fences.classify(samples[$0]) == .inside }
        let outliers = shown.filter { fences.classify(samples[$0]) != .inside }
        return SVG.stretched(
            width: 70, height: Self.height,
            SVG.dots(points(usual), "samples") + SVG.dots(points(outliers), "outliers"))
    }

    private var histogram: HTML {
        var counts = [Int](repeating: 0, count: Self.bins)
        for sample in latency.samples where sample <= scale.high {
            counts[min(Int(scale.position(sample) * Double(Self.bins)), Self.bins - 1)] += 1
        }
        let most = Double(max(counts.max() ?? 1, 1))
        let thickness = Self.height / Double(Self.bins)
        let bars = counts.enumerated().map { bin, count -> HTML in
            if count == 0 { return .empty }
            let top = Self.height - Double(bin + 1) * thickness
            return """
                <rect class="bin" x="74%" y="\(top)" width="\(26 * Double(count) / most)%" height="\(thickness - 0.5)"/>
                """
        }
        return HTML(bars)
    }

    private var median: HTML { SVG.horizontal(0, 100, y: "\(y(latency.median))", "median") }

    private func y(_ value: Double) -> Double { Self.height * (1 - scale.position(value)) }

    // MARK: What is drawn and what is said

    /// Indices of the samples to draw: all, or an even selection with the slowest outliers.
    private static func thinned(_ samples: [Double], _ fences: TukeyFences) -> [Int] {
        guard samples.count > mostDots else { return Array(samples.indices) }
        let even = (0..<mostDots).map { $0 * samples.count / mostDots }
        let outliers = samples.indices.filter { fences.classify(samples[$0]) != .inside }
            .sorted { samples[$0] > samples[$1] }.prefix(mostDots / 4)
        return Set(even + outliers).sorted()
    }

    private var caption: String {
        let samples = latency.samples
        let kinds = samples.reduce(into: (mild: 0, severe: 0)) { kinds, sample in
            switch fences.classify(sample) {
            case .inside: break
            case .mild: kinds.mild += 1
            case .severe: kinds.severe += 1
            }
        }
        var sentences = [
            "\(Format.plural(samples.count, "sample")) of \(Format.plural(latency.processes.count, "process", "processes"))"
                + (latency.processes.count > 1 ? ", divided by dotted lines" : ""),
            "middle half \(Format.interval(Interval(samples.quantile(0.25), samples.quantile(0.75)))),"
                + " all \(Format.interval(Interval(latency.min, latency.max)))",
            kinds == (0, 0)
                ? "no outliers"
                : "outliers: \(Format.grouped(kinds.mild)) mild, \(Format.grouped(kinds.severe)) severe, all kept",
        ]
        if shown.count < samples.count { sentences.append("\(shown.count) drawn as dots, all counted on the right") }
        if beyond > 0 { sentences.append("\(Format.grouped(beyond)) beyond the upper end, drawn at it") }
        if latency.steady == false { sentences.append("the warm-up ended before the times were steady") }
        switch latency.stopReason {
        case .precise: sentences.append("ended when the median was precise enough")
        case .maximumSeconds: sentences.append("ended by its time limit")
        case .maximumSamples: sentences.append("ended by its limit of samples")
        case .interrupted: sentences.append("interrupted")
        case nil: break
        }
        return sentences.joined(separator: "; ") + "."
    }
}
