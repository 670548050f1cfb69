import CHost

/// Products of input subvectors with every centroid: `table[j, c] = Σ input[j · d + i] · centroids[i, c]` for `count`
/// subvectors of length `d`; `centroids` is the codebook transposed, [d, width], `width` a multiple of 16, and the table
/// is [count, width].
package func tabulate(
    _ input: UnsafePointer<Float>, count: Int, d: Int, centroids: UnsafePointer<Float>, width: Int,
    table: UnsafeMutablePointer<Float>
) {
    for j in 0..<count {
        let x = input + j * d
        let row = table + j * width
        for start in stride(from: 0, to: width, by: 16) {
            var sum = Vector(repeating: x[0]) * Vector(centroids + start)
            for i in 1..<max(d, 1) { sum.accumulate(Vector(repeating: x[i]), Vector(centroids + i * width + start)) }
            sum.store(row + start)
        }
    }
}

/// `sums[o] += Σ table[j, codes[o, j]]` for `groups` of 8 outputs; codes are [group][count][8], of one byte or two.
package func addLookups(
    _ codes: UnsafePointer<UInt8>, groups: Int, count: Int, table: UnsafePointer<Float>, width: Int,
    sums: UnsafeMutablePointer<Float>
) {
    for group in 0..<groups { addEight(codes + group * count * 8, count, table, width, sums + group * 8) }
}

package func addLookups(
    _ codes: UnsafePointer<UInt16>, groups: Int, count: Int, table: UnsafePointer<Float>, width: Int,
    sums: UnsafeMutablePointer<Float>
) {
    for group in 0..<groups { addEight(codes + group * count * 8, count, table, width, sums + group * 8) }
}

/// What limits this is the number of loads: two for each look-up, of the code and of the entry.
@inline(__always)
private func addEight<Code: FixedWidthInteger & BitwiseCopyable>(
    _ codes: UnsafePointer<Code>, _ count: Int, _ table: UnsafePointer<Float>, _ width: Int,
    _ sums: UnsafeMutablePointer<Float>
) {
    var (a, b, c, d) = (sums[0], sums[1], sums[2], sums[3])
    var (e, f, g, h) = (sums[4], sums[5], sums[6], sums[7])
    var (codes, entries) = (codes, table)
    for _ in 0..<count {
        a = chost_scalar(a + entries[Int(truncatingIfNeeded: codes[0])])
        b = chost_scalar(b + entries[Int(truncatingIfNeeded: codes[1])])
        c = chost_scalar(c + entries[Int(truncatingIfNeeded: codes[2])])
        d = chost_scalar(d + entries[Int(truncatingIfNeeded: codes[3])])
        e = chost_scalar(e + entries[Int(truncatingIfNeeded: codes[4])])
        f = chost_scalar(f + entries[Int(truncatingIfNeeded: codes[5])])
        g = chost_scalar(g + entries[Int(truncatingIfNeeded: codes[6])])
        h = chost_scalar(h + entries[Int(truncatingIfNeeded: codes[7])])
        codes += 8
        entries += width
    }
    (sums[0], sums[1], sums[2], sums[3]) = (a, b, c, d)
    (sums[4], sums[5], sums[6], sums[7]) = (e, f, g, h)
}
