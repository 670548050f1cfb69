import Kernels
import Tensors

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The covariance of a layer's subvectors, kept up to date while channels change places.
///
/// A row of the layer's weights is a line of channels, `size` columns each, that is cut in subvectors of d columns,
/// wherever that falls. Exchanging two channels touches only the subvectors in which one of them lies.
struct Covariance {
    private let d: Int
    /// Columns per channel.
    private let size: Int
    /// Channels in a row: those of one group of a grouped convolution.
    private let channels: Int
    private let groups: Int
    /// Rows of one group.
    private let rows: Int
    /// The weights transposed, [groups][columns][rows], and the sum of each column.
    private let columns: Tensor
    private let sums: [Double]
    /// The sums of products of each subvector, [groups · subvectors per row][d, d] (lower half), for the current order.
    private var products: [Double]
    /// Their total, and the total of the subvectors themselves, [d].
    private var total: [Double]
    private var mean: [Double]
    private let gram = Gram()

    /// `weights` are a layer's, of whose input channels there are `channels`.
    init(_ weights: Tensor, channels: Int, groups: Int, d: Int, order: [Int]) {
        let rowLength = weights.count / weights.shape[0]
        (self.d, self.groups) = (d, groups)
        self.channels = channels / groups
        size = rowLength / self.channels
        rows = weights.shape[0] / groups
        let (rows, source) = (rows, weights.floats)
        columns = Tensor(shape: [groups, rowLength, rows]) { target in
            for group in 0..<groups {
                for row in 0..<rows {
                    for column in 0..<rowLength {
                        target[(group * rowLength + column) * rows + row] =
                            source[(group * rows + row) * rowLength + column]
                    }
                }
            }
        }
        let floats = columns.floats
        sums = (0..<groups * rowLength).map { column in
            (0..<rows).reduce(0.0) { $0 + Double(floats[column * rows + $1]) }
        }
        products = []
        total = Array(repeating: 0, count: d * d)
        mean = Array(repeating: 0, count: d)
        products = Array(repeating: 0, count: groups * rowLength / d * d * d)
        for subvector in 0..<groups * rowLength / d { replace(subvector, order: order, by: compute(subvector, order)) }
        for position in 0..<groups * rowLength { mean[position % rowLength % d] += sums[column(at: position, order)] }
    }

    /// The logarithm of the covariance's determinant.
    var logDeterminant: Double { Self.logDeterminant(covariance(total: total, mean: mean), d) }

    /// Changes to `order`, in which the channels at the places `a` and `b` have just been exchanged; returns what
    /// takes them back.
    mutating func exchange(_ a: Int, _ b: Int, order: [Int]) -> Undo {
        let undoMean = mean
        var undo = Undo(total: total, mean: undoMean, products: [])
        var touched: [Int] = []
        for place in [a, b] {
            let first = place * size
            touched += Array(first / d...(first + size - 1) / d)
            // The exchange has been made: the other place's channel stood here.
            let other = place == a ? b : a
            for i in 0..<size {
                let position = (first + i) % d
                mean[position] += sums[order[place] * size + i] - sums[order[other] * size + i]
            }
        }
        for subvector in Set(touched).sorted() {
            undo.products.append((subvector, Array(products[subvector * d * d..<(subvector + 1) * d * d])))
            replace(subvector, order: order, by: compute(subvector, order))
        }
        return undo
    }

    mutating func take(back undo: Undo) {
        (total, mean) = (undo.total, undo.mean)
        for (subvector, old) in undo.products {
            for i in 0..<d * d { products[subvector * d * d + i] = old[i] }
        }
    }

    struct Undo {
        fileprivate var total: [Double]
        fileprivate var mean: [Double]
        fileprivate var products: [(subvector: Int, old: [Double])]
    }

    private var rowLength: Int { channels * size }

    /// The column that stands at a position of the line of all groups' columns.
    private func column(at position: Int, _ order: [Int]) -> Int { order[position / size] * size + position % size }

    private func compute(_ subvector: Int, _ order: [Int]) -> [Float] {
        let base = columns.floats.baseAddress!
        let pointers = (0..<d).map { base + column(at: subvector * d + $0, order) * rows }
        var result = [Float](repeating: 0, count: d * d)
        pointers.withUnsafeBufferPointer { pointers in
            result.withUnsafeMutableBufferPointer { gram.compute(pointers, count: rows, output: $0.baseAddress!) }
        }
        return result
    }

    private mutating func replace(_ subvector: Int, order: [Int], by new: [Float]) {
        for i in 0..<d * d {
            let value = Double(new[i])
            total[i] += value - products[subvector * d * d + i]
            products[subvector * d * d + i] = value
        }
    }

    /// The unbiased covariance, [d, d], lower half; a billionth of the mean variance on the diagonal keeps the
    /// determinant of dead channels above 0.
    private func covariance(total: [Double], mean: [Double]) -> [Double] {
        let n = Double(groups * rows * (rowLength / d))
        var result = total
        var trace = 0.0
        for a in 0..<d {
            for b in 0...a { result[a * d + b] = (total[a * d + b] - mean[a] * mean[b] / n) / max(n - 1, 1) }
            trace += result[a * d + a]
        }
        for a in 0..<d { result[a * d + a] += max(1e-9 * trace / Double(d), 1e-30) }
        return result
    }

    /// By Cholesky's decomposition of the lower half.
    static func logDeterminant(_ matrix: [Double], _ d: Int) -> Double {
        var l = matrix
        var result = 0.0
        for j in 0..<d {
            var diagonal = l[j * d + j]
            for k in 0..<j { diagonal -= l[j * d + k] * l[j * d + k] }
            guard diagonal > 0 else { return -.infinity }
            let root = diagonal.squareRoot()
            l[j * d + j] = root
            result += 2 * log(root)
            for i in j + 1..<max(d, j + 1) {
                var value = l[i * d + j]
                for k in 0..<j { value -= l[i * d + k] * l[j * d + k] }
                l[i * d + j] = value / root
            }
        }
        return result
    }
}
