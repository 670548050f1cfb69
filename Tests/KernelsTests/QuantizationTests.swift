import Kernels
import Tensors
import Testing

struct QuantizationTests {
    @Test(arguments: ISA.available, [(1, 1, 1), (7, 4, 3), (33, 9, 16), (64, 18, 17), (5, 4, 300)])
    func nearestRows(isa: ISA, sizes: (count: Int, d: Int, k: Int)) {
        let (count, d, k) = sizes
        let vectors = Tensor.normal(shape: [count, d], seed: 3)
        let centres = Tensor.normal(shape: [k, d], seed: 4).array
        var codes = [UInt16](repeating: 9999, count: count)
        var scores = [Float](repeating: .nan, count: count)
        NearestRows(centres: centres, d: d, isa: isa)
            .find(vectors.floats.baseAddress!, count: count, codes: &codes, scores: &scores)
        for row in 0..<count {
            func score(_ code: Int) -> Double {
                (0..<d).reduce(0) { sum, j in
                    let centre = Double(centres[code * d + j])
                    return sum + centre * (centre / 2 - Double(vectors.floats[row * d + j]))
                }
            }
            let best = (0..<k).map(score).min() ?? 0
            #expect(abs(score(Int(codes[row])) - best) < 1e-5)
            #expect(abs(Double(scores[row]) - best) < 1e-5)
        }
    }

    @Test(arguments: ISA.available) func firstOfEquallyNear(isa: ISA) {
        let centres: [Float] = (0..<40).flatMap { [Float($0 % 20), 1] }
        var codes = [UInt16](repeating: 0, count: 3)
        var scores = [Float](repeating: 0, count: 3)
        NearestRows(centres: centres, d: 2, isa: isa).find(
            [5, 1, 19, 1, 0, 1], count: 3, codes: &codes, scores: &scores)
        #expect(codes == [5, 19, 0])
    }

    @Test(arguments: ISA.available, [(1, 1), (4, 16), (9, 40), (18, 67)]) func gram(
        isa: ISA, sizes: (d: Int, count: Int)
    ) {
        let (d, count) = sizes
        let columns = Tensor.normal(shape: [d, count], seed: 8)
        let base = columns.floats.baseAddress!
        let pointers = (0..<d).map { base + $0 * count }
        var sums = [Float](repeating: 0, count: d * d)
        pointers.withUnsafeBufferPointer { Gram(isa: isa).compute($0, count: count, output: &sums) }
        for a in 0..<d {
            for b in 0...a {
                let expected = (0..<count).reduce(0.0) {
                    $0 + Double(columns.floats[a * count + $1]) * Double(columns.floats[b * count + $1])
                }
                #expect(abs(Double(sums[a * d + b]) - expected) < 1e-4)
            }
        }
    }
}
