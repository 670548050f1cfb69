/// For each of `count` vectors (row-major [count, d]) the nearest centre: its number, and the score
/// `‖centre‖²/2 − vector · centre`, which is half the squared distance less `‖vector‖²/2`. Of equally near centres the
/// first counts.
///
/// `centres` are negated and transposed, [d, width], `halves` [width] hold `‖centre‖²/2`; `width` is a multiple of 16,
/// with infinite halves where there is no centre.
package func nearestRows(
    _ vectors: UnsafePointer<Float>, count: Int, d: Int, centres: UnsafePointer<Float>,
    halves: UnsafePointer<Float>, width: Int, codes: UnsafeMutablePointer<UInt16>,
    scores: UnsafeMutablePointer<Float>
) {
    for index in stride(from: 0, to: count, by: 2) {
        let vector = vectors + index * d
        // The last one of an odd number is its own neighbour.
        let next = index + 1 < count ? 1 : 0
        var (best0, best1) = (Vector(repeating: .infinity), Vector(repeating: .infinity))
        var (block0, block1) = (SIMD16<Int32>(), SIMD16<Int32>())
        for start in stride(from: 0, to: width, by: 16) {
            var score0 = Vector(halves + start)
            var score1 = score0
            for j in 0..<d {
                let centre = Vector(centres + j * width + start)
                score0.accumulate(centre, Vector(repeating: vector[j]))
                score1.accumulate(centre, Vector(repeating: vector[next * d + j]))
            }
            let (nearer0, nearer1) = (score0 .< best0, score1 .< best1)
            best0.replace(with: score0, where: nearer0)
            best1.replace(with: score1, where: nearer1)
            let block = SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: start))
            block0.replace(with: block, where: nearer0)
            block1.replace(with: block, where: nearer1)
        }
        (codes[index], scores[index]) = first(best0, block0)
        (codes[index + next], scores[index + next]) = first(best1, block1)
    }
}

/// The lowest score of all lanes, and the number of the centre that has it.
@inline(__always)
private func first(_ best: Vector, _ block: SIMD16<Int32>) -> (UInt16, Float) {
    var (code, score) = (Int32.max, Float.infinity)
    for lane in 0..<16 {
        let number = block[lane] + Int32(lane)
        if best[lane] < score || (best[lane] == score && number < code) { (code, score) = (number, best[lane]) }
    }
    return (UInt16(truncatingIfNeeded: code), score)
}

/// The sums of products of `d` columns of length `count` with each other: `output[a, b] = Σ columns[a][i] ·
/// columns[b][i]` for b ≤ a, row-major [d, d]. Each sum has a fixed order.
package func gram(
    _ columns: UnsafePointer<UnsafePointer<Float>>, d: Int, count: Int, output: UnsafeMutablePointer<Float>
) {
    let whole = count & ~15
    for a in 0..<d {
        let left = columns[a]
        var b = 0
        while b <= a {
            // Four at a time; those beyond a repeat it.
            let right = (columns[b], columns[min(b + 1, a)], columns[min(b + 2, a)], columns[min(b + 3, a)])
            var (sum0, sum1, sum2, sum3) = (Vector(), Vector(), Vector(), Vector())
            for i in stride(from: 0, to: whole, by: 16) {
                let value = Vector(left + i)
                sum0.accumulate(value, Vector(right.0 + i))
                sum1.accumulate(value, Vector(right.1 + i))
                sum2.accumulate(value, Vector(right.2 + i))
                sum3.accumulate(value, Vector(right.3 + i))
            }
            var totals = (sum0.total, sum1.total, sum2.total, sum3.total)
            for i in whole..<count {
                totals.0 += left[i] * right.0[i]
                totals.1 += left[i] * right.1[i]
                totals.2 += left[i] * right.2[i]
                totals.3 += left[i] * right.3[i]
            }
            output[a * d + b] = totals.0
            if b + 1 <= a { output[a * d + b + 1] = totals.1 }
            if b + 2 <= a { output[a * d + b + 2] = totals.2 }
            if b + 3 <= a { output[a * d + b + 3] = totals.3 }
            b += 4
        }
    }
}
