import Tensors

/// Finds which of some centres is nearest to a vector. Threads may share one.
package struct NearestRows: Sendable {
    private let kernels: KernelTable
    private let d: Int
    private let width: Int
    /// Negated and transposed centres, [d, width], then half their squared norms, [width].
    private let packed: Tensor

    /// `centres` are row-major [k, d], with k from 1 to 65536.
    package init(centres: [Float], d: Int, isa: ISA = .best) {
        let k = centres.count / d
        precondition(k * d == centres.count && (1...1 << 16).contains(k))
        let width = (k + 15) & ~15
        packed = Tensor(shape: [d + 1, width]) { target in
            for i in 0..<width {
                var norm = Float.infinity
                if i < k {
                    norm = 0
                    for j in 0..<d {
                        target[j * width + i] = -centres[i * d + j]
                        norm += centres[i * d + j] * centres[i * d + j]
                    }
                }
                target[d * width + i] = norm / 2
            }
        }
        (self.d, self.width, kernels) = (d, width, .of(isa))
    }

    /// For each of `count` vectors, row-major [count, d]: the number of the nearest centre, and half the squared distance
    /// to it less half the vector's own squared norm. Of equally near centres the first counts.
    package func find(
        _ vectors: UnsafePointer<Float>, count: Int, codes: UnsafeMutablePointer<UInt16>,
        scores: UnsafeMutablePointer<Float>
    ) {
        let centres = packed.floats.baseAddress!
        kernels.nearestRows(vectors, count, d, centres, centres + d * width, width, codes, scores)
    }
}

/// Sums of products of columns.
package struct Gram: Sendable {
    private let kernels: KernelTable

    package init(isa: ISA = .best) { kernels = .of(isa) }

    /// `output[a, b] = Σ columns[a][i] · columns[b][i]` over `count` elements, for b ≤ a, row-major [d, d].
    package func compute(
        _ columns: UnsafeBufferPointer<UnsafePointer<Float>>, count: Int, output: UnsafeMutablePointer<Float>
    ) {
        guard let first = columns.baseAddress else { return }
        kernels.gram(first, columns.count, count, output)
    }
}
