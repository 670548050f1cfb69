/// The one-dimensional transforms of F(m, 3) (Lavin & Gray, arXiv 1509.09308): n = m + 2 inputs, points 0, ±1 (m = 2),
/// and ±2 (m = 4), and ±1/2 (m = 6). Symmetric points share their even and odd parts.
///
/// Each reads its vectors from `source`, `step` floats apart, and writes its results to `target`, `targetStep` apart.
typealias Transform = (
    _ source: UnsafePointer<Float>, _ step: Int, _ target: UnsafeMutablePointer<Float>, _ targetStep: Int
) -> Void

@inline(__always)
private func load<let n: Int>(_ source: UnsafePointer<Float>, _ step: Int) -> InlineArray<n, Vector> {
    InlineArray { Vector(source + $0 * step) }
}

@inline(__always)
private func store<let n: Int>(_ values: InlineArray<n, Vector>, _ target: UnsafeMutablePointer<Float>, _ step: Int) {
    for index in 0..<n { values[index].store(target + index * step) }
}

@inline(__always)
func input2(_ source: UnsafePointer<Float>, _ step: Int, _ target: UnsafeMutablePointer<Float>, _ targetStep: Int) {
    let d: InlineArray<4, Vector> = load(source, step)
    let results: InlineArray<4, Vector> = [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]]
    store(results, target, targetStep)
}

@inline(__always)
func output2(_ source: UnsafePointer<Float>, _ step: Int, _ target: UnsafeMutablePointer<Float>, _ targetStep: Int) {
    let m: InlineArray<4, Vector> = load(source, step)
    let results: InlineArray<2, Vector> = [m[0] + m[1] + m[2], m[1] - m[2] - m[3]]
    store(results, target, targetStep)
}

@inline(__always)
func input4(_ source: UnsafePointer<Float>, _ step: Int, _ target: UnsafeMutablePointer<Float>, _ targetStep: Int) {
    let d: InlineArray<6, Vector> = load(source, step)
    let even1 = d[4] - 4 * d[2]
    let odd1 = d[3] - 4 * d[1]
    let even2 = d[4] - d[2]
    let odd2 = 2 * (d[3] - d[1])
    let results: InlineArray<6, Vector> = [
        4 * d[0] - 5 * d[2] + d[4], even1 + odd1, even1 - odd1, even2 + odd2, even2 - odd2, 4 * d[1] - 5 * d[3] + d[5],
    ]
    store(results, target, targetStep)
}

/// G of F(2, 3), for weights: three inputs, four results.
@inline(__always)
func weights2(_ source: UnsafePointer<Float>, _ step: Int, _ target: UnsafeMutablePointer<Float>, _ targetStep: Int) {
    let w: InlineArray<3, Vector> = load(source, step)
    let even = (w[0] + w[2]) * 0.5
    let odd = w[1] * 0.5
    let results: InlineArray<4, Vector> = [w[0], even + odd, even - odd, w[2]]
    store(results, target, targetStep)
}

/// G of F(6, 3).
@inline(__always)
func weights6(_ source: UnsafePointer<Float>, _ step: Int, _ target: UnsafeMutablePointer<Float>, _ targetStep: Int) {
    let w: InlineArray<3, Vector> = load(source, step)
    let even1 = (w[0] + w[2]) * (-2 / 9)
    let odd1 = w[1] * (2 / 9)
    let even2 = w[0] * (1 / 90) + w[2] * (2 / 45)
    let odd2 = w[1] * (1 / 45)
    let even3 = w[0] * (1 / 45) + w[2] * (1 / 180)
    let odd3 = w[1] * (1 / 90)
    let results: InlineArray<8, Vector> = [
        w[0], even1 - odd1, even1 + odd1, even2 + odd2, even2 - odd2, even3 + odd3, even3 - odd3, w[2],
    ]
    store(results, target, targetStep)
}

/// G of F(4, 3).
@inline(__always)
func weights4(_ source: UnsafePointer<Float>, _ step: Int, _ target: UnsafeMutablePointer<Float>, _ targetStep: Int) {
    let w: InlineArray<3, Vector> = load(source, step)
    let even1 = (w[0] + w[2]) * (-1 / 6)
    let odd1 = w[1] * (1 / 6)
    let even2 = w[0] * (1 / 24) + w[2] * (1 / 6)
    let odd2 = w[1] * (1 / 12)
    let results: InlineArray<6, Vector> = [
        w[0] * 0.25, even1 - odd1, even1 + odd1, even2 + odd2, even2 - odd2, w[2],
    ]
    store(results, target, targetStep)
}

@inline(__always)
func output4(_ source: UnsafePointer<Float>, _ step: Int, _ target: UnsafeMutablePointer<Float>, _ targetStep: Int) {
    let m: InlineArray<6, Vector> = load(source, step)
    let even1 = m[1] + m[2]
    let odd1 = m[1] - m[2]
    let even2 = m[3] + m[4]
    let odd2 = m[3] - m[4]
    let results: InlineArray<4, Vector> = [
        m[0] + even1 + even2, odd1 + 2 * odd2, even1 + 4 * even2, odd1 + 8 * odd2 + m[5],
    ]
    store(results, target, targetStep)
}

@inline(__always)
func input6(_ source: UnsafePointer<Float>, _ step: Int, _ target: UnsafeMutablePointer<Float>, _ targetStep: Int) {
    let d: InlineArray<8, Vector> = load(source, step)
    let even1 = d[2] + d[6] - 4.25 * d[4]
    let odd1 = d[1] + d[5] - 4.25 * d[3]
    let even2 = 0.25 * d[2] - 1.25 * d[4] + d[6]
    let odd2 = 0.5 * d[1] - 2.5 * d[3] + 2 * d[5]
    let evenHalf = 4 * d[2] - 5 * d[4] + d[6]
    let oddHalf = 2 * d[1] - 2.5 * d[3] + 0.5 * d[5]
    let results: InlineArray<8, Vector> = [
        d[0] - d[6] + 5.25 * (d[4] - d[2]), even1 + odd1, even1 - odd1, even2 + odd2, even2 - odd2,
        evenHalf + oddHalf, evenHalf - oddHalf, d[7] - d[1] + 5.25 * (d[3] - d[5]),
    ]
    store(results, target, targetStep)
}

@inline(__always)
func output6(_ source: UnsafePointer<Float>, _ step: Int, _ target: UnsafeMutablePointer<Float>, _ targetStep: Int) {
    let m: InlineArray<8, Vector> = load(source, step)
    let even1 = m[1] + m[2]
    let odd1 = m[1] - m[2]
    let even2 = m[3] + m[4]
    let odd2 = m[3] - m[4]
    let evenHalf = m[5] + m[6]
    let oddHalf = m[5] - m[6]
    let results: InlineArray<6, Vector> = [
        m[0] + even1 + even2 + 32 * evenHalf, odd1 + 2 * odd2 + 16 * oddHalf, even1 + 4 * even2 + 8 * evenHalf,
        odd1 + 8 * odd2 + 4 * oddHalf, even1 + 16 * even2 + 2 * evenHalf, odd1 + 32 * odd2 + oddHalf + m[7],
    ]
    store(results, target, targetStep)
}
