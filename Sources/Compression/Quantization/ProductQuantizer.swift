import Interchange
import Kernels
import Measurement
import Tensors

/// Finds the codebook of one layer and the codes of its subvectors.
///
/// Lloyd's algorithm, or its annealed form SR-C (PQF, section 3.4, after Zeger, Vaisey & Gersho, 1992): each codeword
/// becomes the mean of its subvectors, to which normal noise of the data's deviation per dimension was added, that fades
/// as √(1 − i/n). Such a mean is the plain mean plus noise of 1/√count the deviation, which is what is drawn.
///
/// The subvectors are cut into parts by their number alone, and sums are taken in the order of the parts, so that the
/// result is the same for any number of threads.
struct ProductQuantizer {
    struct Options {
        var isAnnealed = true
        var start = CompressionSettings.Start.random
        var iterations = 100
        var seed: UInt64 = 1
    }

    struct Result: Sendable {
        let codes: [UInt16]
        /// [k, d], of numbers that half precision holds.
        let codebook: [Float]
        /// The sum of squared differences over that of squares.
        let error: Double
    }

    private let weights: Tensor
    private let d: Int
    private let k: Int
    private let options: Options
    private let pool: ThreadPool
    private let work: Work
    private var generator: SplitMix64

    /// `weights` are cut in subvectors of `d` elements in memory order, of which there are at least `k`.
    init(_ weights: Tensor, d: Int, k: Int, options: Options, pool: ThreadPool) {
        precondition(weights.count % d == 0 && weights.count / d >= k)
        (self.weights, self.d, self.k, self.options, self.pool) = (weights, d, k, options, pool)
        work = Work(weights, d: d, k: k)
        generator = SplitMix64(seed: options.seed)
    }

    /// - Parameter progress: told the iterations that are done; false ends the work with nil.
    mutating func run(progress: (Int) -> Bool = { _ in true }) -> Result? {
        var centres: [Float]
        if let sample = sample() {
            var quantizer = ProductQuantizer(sample, d: d, k: k, options: options, pool: pool)
            guard let result = quantizer.run(progress: progress) else { return nil }
            centres = result.codebook
        } else {
            centres = start()
            let deviation = work.deviation()
            var previous = Double.infinity
            for iteration in 0..<options.iterations {
                guard progress(iteration) else { return nil }
                let sums = assign(centres)
                let temperature =
                    options.isAnnealed ? (1 - Double(iteration) / Double(options.iterations)).squareRoot() : 0
                centres = means(sums, noise: deviation.map { $0 * temperature })
                if !options.isAnnealed, sums.empty == 0, sums.error >= previous * (1 - 1e-6) { break }
                previous = sums.error
            }
        }
        // A few plain steps on all subvectors, so that each codeword is the mean of what is coded by it.
        for _ in 0..<4 {
            guard progress(options.iterations) else { return nil }
            centres = means(assign(centres), noise: Array(repeating: 0, count: d))
        }
        centres = centres.map { HalfPrecision.float(half: HalfPrecision.half($0)) }
        let sums = assign(centres)
        return Result(codes: work.codes, codebook: centres, error: sums.error / max(work.energy, .leastNormalMagnitude))
    }

    /// Of a layer with more subvectors than say anything new about k codewords: evenly spaced ones.
    private func sample() -> Tensor? {
        let size = max(1 << 18, 256 * k)
        guard work.count > size * 3 / 2 else { return nil }
        let values = weights.floats
        return Tensor(shape: [size, d]) { target in
            for row in 0..<size {
                let source = row * work.count / size * d
                for j in 0..<d { target[row * d + j] = values[source + j] }
            }
        }
    }

    private func assign(_ centres: [Float]) -> Sums {
        let nearest = NearestRows(centres: centres, d: d)
        let work = work
        let parts = pool.map(work.parts.count) { work.assign($0, nearest) }
        var total = parts[0]
        for part in parts.dropFirst() { total.add(part) }
        return total
    }

    /// The mean of each codeword's subvectors with noise; codewords that nothing is near to start anew where the
    /// error is largest.
    private mutating func means(_ sums: Sums, noise: [Double]) -> [Float] {
        var centres = [Float](repeating: 0, count: k * d)
        var farthest = sums.empty > 0 ? work.farthest(sums.empty) : []
        for code in 0..<k {
            let count = Double(sums.counts[code])
            if count == 0 {
                let vector = farthest.popLast() ?? generator.index(below: work.count)
                for j in 0..<d { centres[code * d + j] = weights.floats[vector * d + j] }
                continue
            }
            for j in 0..<d {
                let shift = noise[j] > 0 ? noise[j] / count.squareRoot() * generator.normal() : 0
                centres[code * d + j] = Float(sums.values[code * d + j] / count + shift)
            }
        }
        return centres
    }

    // MARK: Starts

    private mutating func start() -> [Float] {
        let chosen =
            switch options.start {
            case .random: randomRows()
            case .plusPlus: spreadRows()
            }
        let values = weights.floats
        return chosen.flatMap { row in (0..<d).map { values[row * d + $0] } }
    }

    /// k distinct rows by Floyd's sampling.
    private mutating func randomRows() -> [Int] {
        var chosen: Set<Int> = []
        var rows: [Int] = []
        for limit in work.count - k..<work.count {
            let row = generator.index(below: limit + 1)
            rows.append(chosen.insert(row).inserted ? row : limit)
            chosen.insert(rows[rows.count - 1])
        }
        return rows
    }

    /// k-means++ on a sample of at most 64 subvectors per codeword.
    private mutating func spreadRows() -> [Int] {
        let sample = min(work.count, 64 * k)
        let values = weights.floats
        let rows = (0..<sample).map { $0 * work.count / sample }
        var distances = [Double](repeating: .infinity, count: sample)
        var chosen = [rows[generator.index(below: sample)]]
        while chosen.count < k {
            let last = chosen[chosen.count - 1]
            var total = 0.0
            for (index, row) in rows.enumerated() {
                var distance: Float = 0
                for j in 0..<d {
                    let difference = values[row * d + j] - values[last * d + j]
                    distance += difference * difference
                }
                distances[index] = min(distances[index], Double(distance))
                total += distances[index]
            }
            var left = generator.uniform() * total
            let next = distances.firstIndex { distance in
                left -= distance
                return left < 0
            }
            chosen.append(rows[next ?? generator.index(below: sample)])
        }
        return chosen
    }
}

/// Sums over the subvectors of each codeword.
private struct Sums: Sendable {
    var values: [Double]
    var counts: [Int]
    /// The sum of squared distances.
    var error = 0.0

    init(k: Int, d: Int) {
        values = Array(repeating: 0, count: k * d)
        counts = Array(repeating: 0, count: k)
    }

    var empty: Int { counts.count { $0 == 0 } }

    mutating func add(_ other: Sums) {
        for i in values.indices { values[i] += other.values[i] }
        for i in counts.indices { counts[i] += other.counts[i] }
        error += other.error
    }
}

/// The subvectors and what is known of each; parts write disjoint elements.
private final class Work: @unchecked Sendable {
    let count: Int
    let parts: [Range<Int>]
    /// The sum of squares of all weights.
    private(set) var energy = 0.0
    private let weights: Tensor
    private let d: Int
    private let k: Int
    private let codeStorage: Storage
    private let scores: Tensor
    private let norms: [Float]

    init(_ weights: Tensor, d: Int, k: Int) {
        (self.weights, self.d, self.k) = (weights, d, k)
        count = weights.count / d
        // Few enough that the sums of all parts stay small beside the subvectors.
        let number = min(max(count / max(4096, 4 * k), 1), 32)
        let total = count
        parts = (0..<number).map { total * $0 / number..<total * ($0 + 1) / number }
        codeStorage = Storage(byteCount: count * 2)
        scores = Tensor(shape: [count]) { _ in }
        let values = weights.floats
        norms = (0..<count).map { row in
            (0..<d).reduce(Float(0)) { $0 + values[row * d + $1] * values[row * d + $1] }
        }
        energy = norms.reduce(0) { $0 + Double($1) }
    }

    var codes: [UInt16] {
        Array(UnsafeBufferPointer(start: codePointer, count: count))
    }

    private var codePointer: UnsafeMutablePointer<UInt16> { codeStorage.base.assumingMemoryBound(to: UInt16.self) }

    /// Codes the subvectors of one part.
    func assign(_ part: Int, _ nearest: NearestRows) -> Sums {
        let range = parts[part]
        let values = weights.floats.baseAddress!
        let codes = codePointer
        let scores = UnsafeMutablePointer(mutating: self.scores.floats.baseAddress!)
        nearest.find(
            values + range.lowerBound * d, count: range.count, codes: codes + range.lowerBound,
            scores: scores + range.lowerBound)
        var sums = Sums(k: k, d: d)
        sums.values.withUnsafeMutableBufferPointer { totals in
            sums.counts.withUnsafeMutableBufferPointer { counts in
                var error = 0.0
                for row in range {
                    let code = Int(codes[row])
                    counts[code] += 1
                    for j in 0..<d { totals[code * d + j] += Double(values[row * d + j]) }
                    error += max(Double(norms[row]) + 2 * Double(scores[row]), 0)
                }
                sums.error = error
            }
        }
        return sums
    }

    /// The rows farthest from their codewords, of distinct distances, the farthest last.
    func farthest(_ number: Int) -> [Int] {
        let scores = scores.floats
        func distance(_ row: Int) -> Float { norms[row] + 2 * scores[row] }
        var rows = Array(0..<count)
        rows.sort { (distance($0), $1) < (distance($1), $0) }
        return Array(rows.suffix(number))
    }

    /// The standard deviation of each of the d elements.
    func deviation() -> [Double] {
        let values = weights.floats
        var (sums, squares) = ([Double](repeating: 0, count: d), [Double](repeating: 0, count: d))
        for row in 0..<count {
            for j in 0..<d {
                let value = Double(values[row * d + j])
                sums[j] += value
                squares[j] += value * value
            }
        }
        let n = Double(count)
        return zip(sums, squares).map { max($1 / n - ($0 / n) * ($0 / n), 0).squareRoot() }
    }
}
