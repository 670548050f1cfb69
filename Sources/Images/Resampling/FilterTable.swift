/// What each output position along one axis takes from the input: the filter is widened when shrinking, which is
/// Pillow's antialiasing, and its weights are fixed-point numbers of 22 bits.
struct FilterTable {
    /// Bits after the binary point: 32 − 8 for the pixel − 2 for the overshoot of sharp filters.
    static let precision = 22

    /// The first input position of each output position, and how many follow.
    let starts: [Int]
    let counts: [Int]
    /// `width` weights for each output position.
    let weights: [Int32]
    let width: Int

    /// For the output positions `outputs` of `outputSize` in all.
    init(_ interpolation: Interpolation, inputSize: Int, outputSize: Int, outputs: Range<Int>) {
        let scale = Double(inputSize) / Double(outputSize)
        let filterScale = max(scale, 1)
        let support = interpolation.support * filterScale
        let width = Int(support.rounded(.up)) * 2 + 1
        self.width = width
        var (starts, counts): ([Int], [Int]) = ([], [])
        var weights = [Int32](repeating: 0, count: outputs.count * width)
        for (index, output) in outputs.enumerated() {
            let centre = (Double(output) + 0.5) * scale
            let start = max(Int(centre - support + 0.5), 0)
            let count = min(Int(centre + support + 0.5), inputSize) - start
            let values = (0..<count).map {
                interpolation.weight((Double($0 + start) - centre + 0.5) * (1 / filterScale))
            }
            let total = values.reduce(0, +)
            for (offset, value) in values.enumerated() {
                let fixed = (total != 0 ? value / total : value) * Double(1 << Self.precision)
                weights[index * width + offset] = Int32(fixed < 0 ? fixed - 0.5 : fixed + 0.5)
            }
            starts.append(start)
            counts.append(count)
        }
        (self.starts, self.counts, self.weights) = (starts, counts, weights)
    }

    /// The input positions that are read.
    var inputs: Range<Int> {
        let end = zip(starts, counts).map { $0 + $1 }.max() ?? 0
        return (starts.min() ?? 0)..<end
    }
}
