import Tensors

/// The decoder of LIIF on packed weights: colours of output pixels from the table of the first layer's values.
///
/// Exact savings: the first layer is a look-up and one product per point; pixels whose weight is zero (between centres
/// at odd scales) and the repeated ones at borders are left out; the four answers are blended before the last layer,
/// which is linear. Work goes in short runs of pixels of a row, so that activations stay in the second-level cache. A
/// pixel's sums have one order, whatever run it is in.
package final class PreparedDecoder: ParallelWork {
    /// The first layer apart from its features.
    package struct FirstLayer: Sendable {
        /// [width], with the part of the cell.
        package var bias: [Float]
        /// Of the offset, [width] each.
        package var row: [Float]
        package var column: [Float]

        package init(bias: [Float], row: [Float], column: [Float]) {
            (self.bias, self.row, self.column) = (bias, row, column)
        }
    }

    /// A part of the first layer's table, in blocks of 16 channels.
    package struct Table {
        package var values: UnsafePointer<Float>
        /// Its pixels, in those of the whole image.
        package var rows: Range<Int>
        package var columns: Range<Int>

        package init(values: UnsafePointer<Float>, rows: Range<Int>, columns: Range<Int>) {
            (self.values, self.rows, self.columns) = (values, rows, columns)
        }
    }

    /// Takes `count` pixels of an output row from column `x` on, 16 floats a pixel of which the first three are the
    /// colour; called from several threads at once.
    package typealias Sink = @Sendable (_ y: Int, _ x: Int, _ count: Int, UnsafePointer<Float>) -> Void

    package let weightBytes: Int
    /// Bytes of memory that a run works in.
    package let scratchBytes: Int

    private let kernels: KernelTable
    private let blocks: Int
    private let relu: Bool
    private let offsetBias: Storage
    private let hidden: [PackedLayer]
    private let last: PackedLayer?
    private let rows: QueryAxis
    private let columns: QueryAxis
    private let scratch: [Scratch]
    nonisolated(unsafe) private var job: Job?

    private struct Job {
        let table: Table
        let rows: Range<Int>
        let columns: Range<Int>
        let sink: Sink
    }

    private static let runPixels = 48

    /// - Parameter layers: those after the first, weights [outputs, inputs] and biases; the last one without ReLU.
    package init(
        first: FirstLayer, layers: [(weights: Tensor, bias: Tensor?)], rows: QueryAxis, columns: QueryAxis, isa: ISA,
        threads: Int
    ) {
        let kernels = KernelTable.of(isa)
        self.kernels = kernels
        self.rows = rows
        self.columns = columns
        let width = first.bias.count
        blocks = Blocked.count(width)
        relu = !layers.isEmpty
        let capacity = 4 * Self.runPixels
        hidden = layers.dropLast().map {
            PackedLayer(weights: $0.weights, bias: $0.bias, relu: true, capacity: capacity, kernels: kernels)
        }
        last = layers.last.map {
            PackedLayer(
                weights: $0.weights, bias: $0.bias, relu: false, capacity: Self.runPixels, kernels: kernels)
        }
        let padded = blocks * 16
        offsetBias = Storage(byteCount: 3 * padded * 4)
        for (index, values) in [first.bias, first.row, first.column].enumerated() {
            let target = offsetBias.base.assumingMemoryBound(to: Float.self) + index * padded
            for (lane, value) in values.enumerated() { target[lane] = value }
        }
        let widest = max(blocks, hidden.map(\.outputBlocks).max() ?? 0)
        scratch = (0..<threads).map { _ in Scratch(pixels: Self.runPixels, blocks: widest) }
        weightBytes = hidden.reduce(last?.byteCount ?? 0) { $0 + $1.byteCount } + offsetBias.byteCount
        scratchBytes = scratch.reduce(0) { $0 + $1.byteCount }
    }

    /// The colours of a rectangle of output pixels, whose neighbours must all be in the table.
    package func run(_ table: Table, rows: Range<Int>, columns: Range<Int>, pool: ThreadPool, sink: @escaping Sink) {
        job = Job(table: table, rows: rows, columns: columns, sink: sink)
        pool.run(rows.count * runs(columns.count), self)
        job = nil
    }

    private func runs(_ count: Int) -> Int { (count + Self.runPixels - 1) / Self.runPixels }

    package func run(part: Int, thread: Int) {
        guard let job else { return }
        let scratch = scratch[thread]
        let (row, run) = part.quotientAndRemainder(dividingBy: runs(job.columns.count))
        let y = job.rows.lowerBound + row
        let first = job.columns.lowerBound + run * Self.runPixels
        let pixels = min(Self.runPixels, job.columns.upperBound - first)
        let counts = gather(y: y, x: first..<first + pixels, job.table, scratch)
        var (input, output) = (scratch.values[0], scratch.values[1])
        firstLayer(y: y, job.table, counts, scratch, output: input)
        for layer in hidden {
            layer.run(counts.0 + counts.1, input: input, output: output)
            swap(&input, &output)
        }
        kernels.blendPoints(
            pixels, hidden.last?.outputBlocks ?? blocks, input, 4 * Self.runPixels * 16, scratch.slots,
            scratch.weights, scratch.counts, output, Self.runPixels * 16)
        if let last {
            last.run(pixels, input: output, output: input)
            swap(&input, &output)
        }
        job.sink(y, first, pixels, output)
    }

    /// Lists the points to ask at: first all on the row of pixels before, then all on the one after. Returns how many
    /// there are of each.
    private func gather(y: Int, x: Range<Int>, _ table: Table, _ scratch: Scratch) -> (Int, Int) {
        let (above, below) = rows.neighbours[y]
        var total = (0, 0)
        for side in 0..<2 {
            let near = side == 0 ? above : below
            let start = (near.index - table.rows.lowerBound) * table.columns.count - table.columns.lowerBound
            var point = side == 0 ? 0 : total.0
            for (pixel, column) in x.enumerated() {
                if side == 0 { scratch.counts[pixel] = 0 }
                let (left, right) = columns.neighbours[column]
                let shares = Shares(above, below, left, right)
                for corner in 0..<2 {
                    let share = shares[side, corner]
                    if share == 0 { continue }
                    let neighbour = corner == 0 ? left : right
                    scratch.offsets[point] = (start + neighbour.index) * 16
                    scratch.relative[point] = neighbour.offset
                    let slot = 4 * pixel + scratch.counts[pixel]
                    scratch.slots[slot] = point
                    scratch.weights[slot] = share
                    scratch.counts[pixel] += 1
                    point += 1
                }
            }
            if side == 0 { total.0 = point } else { total.1 = point - total.0 }
        }
        return total
    }

    private func firstLayer(
        y: Int, _ table: Table, _ counts: (Int, Int), _ scratch: Scratch, output: UnsafeMutablePointer<Float>
    ) {
        let padded = blocks * 16
        let bias = UnsafePointer(offsetBias.base.assumingMemoryBound(to: Float.self))
        let (above, below) = rows.neighbours[y]
        for (near, start, count) in [(above, 0, counts.0), (below, counts.0, counts.1)] where count > 0 {
            for lane in 0..<padded { scratch.row[lane] = bias[lane] + near.offset * bias[padded + lane] }
            kernels.queryPoints(
                count, blocks, table.values, table.rows.count * table.columns.count * 16, scratch.offsets + start,
                scratch.relative + start, scratch.row, bias + 2 * padded, output + start * 16,
                4 * Self.runPixels * 16, relu)
        }
    }
}

/// What each of the four answers counts for: the area of the rectangle that the point spans with the opposite pixel,
/// plus 10⁻⁹, over the sum of all. Answers of one pixel that stands for two are counted once, with both shares; those
/// whose area is zero beside others that are not stay out, as their share is below the rounding of the sum.
private struct Shares {
    private var values: SIMD4<Float>

    init(
        _ above: QueryAxis.Neighbour, _ below: QueryAxis.Neighbour, _ left: QueryAxis.Neighbour,
        _ right: QueryAxis.Neighbour
    ) {
        // In the order above left, above right, below left, below right, each with its opposite's offsets.
        let rows = SIMD4(below.offset, below.offset, above.offset, above.offset)
        let columns = SIMD4(right.offset, left.offset, right.offset, left.offset)
        var areas = rows * columns
        areas.replace(with: -areas, where: areas .< 0)
        if areas.sum() > 1e-5 {
            areas.replace(with: areas + 1e-9, where: areas .> 0)
        } else {
            areas += 1e-9
        }
        values = areas / areas.sum()
        if left.index == right.index {
            values = SIMD4(values[0] + values[1], 0, values[2] + values[3], 0)
        }
        if above.index == below.index {
            values = SIMD4(values[0] + values[2], values[1] + values[3], 0, 0)
        }
    }

    subscript(row: Int, column: Int) -> Float { values[2 * row + column] }
}

/// The memory of one thread.
private final class Scratch: @unchecked Sendable {
    /// Two maps of activations, [blocks][4 · pixels][16].
    let values: [UnsafeMutablePointer<Float>]
    /// The first layer's bias for a row, [blocks · 16].
    let row: UnsafeMutablePointer<Float>
    /// Of each point, where it is in the table and how far from it along the row.
    let offsets: UnsafeMutablePointer<Int>
    let relative: UnsafeMutablePointer<Float>
    /// Up to four points of each pixel, their weights and number.
    let slots: UnsafeMutablePointer<Int>
    let weights: UnsafeMutablePointer<Float>
    let counts: UnsafeMutablePointer<Int>
    private let storage: Storage

    var byteCount: Int { storage.byteCount }

    init(pixels: Int, blocks: Int) {
        let points = 4 * pixels
        let floats = [blocks * points * 16, blocks * points * 16, blocks * 16, points, points]
        let integers = [points, points, pixels]
        storage = Storage(byteCount: floats.reduce(0, +) * 4 + integers.reduce(0, +) * 8)
        var place = storage.base
        func next<Value>(_ count: Int, of type: Value.Type) -> UnsafeMutablePointer<Value> {
            defer { place += count * MemoryLayout<Value>.stride }
            return place.bindMemory(to: type, capacity: count)
        }
        offsets = next(points, of: Int.self)
        slots = next(points, of: Int.self)
        counts = next(pixels, of: Int.self)
        values = [next(floats[0], of: Float.self), next(floats[1], of: Float.self)]
        row = next(floats[2], of: Float.self)
        relative = next(points, of: Float.self)
        weights = next(points, of: Float.self)
    }
}
