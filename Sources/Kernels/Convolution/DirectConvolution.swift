import KernelTypes
import Tensors

/// An implicit matrix product: register tiles of output pixels × output channels run over all taps and input channels
/// at once, reading the input through a table of offsets.
///
/// Where there is padding, the rows that a band of the output needs are first copied between zeros.
final class DirectConvolution: ConvolutionBody, ParallelWork {
    private let shape: ConvolutionShape
    private let kernels: KernelTable
    private let relu: Bool
    private let pools: Bool
    private let planar: Bool
    private let panels: [Panel]
    private let weights: Storage
    /// Where the weights are codes: what decodes a panel, into memory of each thread's own.
    private let coded: DirectWeights?
    private let panelFloats: Int
    private let codeBytes: Int
    private let bias: Storage
    private let segments: Int
    private let depth: Int
    /// Segments whose weights stay in the first-level cache while all tiles of a band use them.
    private let chunks: [Range<Int>]
    private let offsets: Storage

    /// Output rows of each band, and the pieces of a row that one tile computes, by the tile's blocks.
    private let bands: [Range<Int>]
    private let pieces: [[Range<Int>]]
    private let copies: Bool
    /// Every thread works on bands of its own; else all share one band of all images and divide the panels.
    private let ownBands: Bool
    private let paddedHeight: Int
    private let paddedWidth: Int
    /// In floats.
    private let planeStride: Int
    private let planes: Int
    private let bandFloats: Int
    /// Two rows of a panel's output, where they are pooled at once.
    private let pairFloats: Int

    nonisolated(unsafe) private var memory: ConvolutionMemory?
    nonisolated(unsafe) private var isCopying = false

    init(_ given: ConvolutionProblem) {
        let problem = given.shape.groups > 1 && !given.shape.hasWholeGroups ? given.withoutGroups : given
        let shape = problem.shape
        self.shape = shape
        kernels = problem.kernels
        relu = problem.relu
        pools = problem.pools
        planar = problem.planarInput
        bias = problem.paddedBias
        let packed = DirectWeights(problem)
        (panels, weights, segments, depth) = (packed.panels, packed.storage, packed.segments, packed.depth)
        let bytesPerSegment = depth * (panels.map(\.blocks).max() ?? 1) * 64
        chunks = evenRuns(segments, atMost: pools ? segments : max(Self.chunkBytes / bytesPerSegment, 1))
        let codes = problem.weights.keptCodes
        coded = codes == nil ? nil : packed
        panelFloats =
            codes == nil ? 0 : (panels.map(\.blocks).max() ?? 0) * segments * depth * 16 + packed.scratchFloats
        codeBytes = codes?.byteCount ?? 0
        copies = shape.padding > 0
        paddedWidth = shape.width + 2 * shape.padding
        planes = planar ? shape.inputChannels : shape.inputBlocks
        let lanes = planar ? 1 : 16
        let kernelRows = shape.kernelHeight
        let bytesPerRow = planes * paddedWidth * lanes * 4
        let stride = shape.stride
        // A band's input stays in the second-level cache while all panels run over it.
        let fitting = max(1, (Self.bandBytes / bytesPerRow - kernelRows) / stride + 1)
        let share = (shape.outputHeight + problem.threads - 1) / problem.threads
        let whole = shape.batch * planes * (shape.height + 2 * shape.padding) * paddedWidth * lanes
        // Where the weights are what takes time to read, they are read once, for all rows of all images.
        ownBands = pools || coded == nil && (weights.byteCount <= Self.bandBytes || whole * 4 > 16 * Self.bandBytes)
        let panelShare = coded != nil || panels.count >= 4 * problem.threads ? shape.outputHeight : share
        let limit = ownBands ? fitting : panelShare
        let sharers = ownBands ? problem.threads : 1
        bands =
            pools
            ? evenRuns(shape.outputHeight / 2, atMost: max(limit / 2, 1), threads: sharers)
                .map { 2 * $0.lowerBound..<2 * $0.upperBound }
            : evenRuns(shape.outputHeight, atMost: limit, threads: sharers)
        let rows = ownBands ? bands.map(\.count).max() ?? 1 : shape.outputHeight
        paddedHeight = copies ? (rows - 1) * stride + kernelRows : shape.height
        planeStride = paddedHeight * paddedWidth * lanes
        bandFloats = (planes * planeStride + 15) & ~15
        pieces = kernels.tileRows.map { $0 == 0 ? [] : evenRuns(shape.outputWidth, atMost: $0) }
        pairFloats = pools ? 2 * (panels.map(\.blocks).max() ?? 0) * shape.outputWidth * 16 : 0
        offsets = packed.offsets(planeStride: planeStride, paddedWidth: paddedWidth, planar: planar)
        threads = problem.threads
    }

    private let threads: Int
    private static let bandBytes = 384 << 10
    private static let chunkBytes = 32 << 10

    var packedBytes: Int { weights.byteCount + codeBytes + bias.byteCount }
    /// Copied input, then each thread's decoded panel or rows to be pooled.
    var scratchBytes: Int { (copiedFloats + threads * (panelFloats + pairFloats)) * 4 }
    private var copiedFloats: Int { copies ? bandFloats * (ownBands ? threads : shape.batch) : 0 }

    func run(_ memory: ConvolutionMemory, pool: ThreadPool) {
        self.memory = memory
        if ownBands {
            pool.run(shape.batch * bands.count, self)
        } else {
            if copies {
                isCopying = true
                pool.run(shape.batch * planes, self)
                isCopying = false
            }
            pool.run(panels.count * bands.count, self)
        }
        self.memory = nil
    }

    func run(part: Int, thread: Int) {
        guard let memory else { return }
        if isCopying {
            let (image, plane) = part.quotientAndRemainder(dividingBy: planes)
            copyPlane(
                memory, image: image, plane: plane, band: 0..<shape.outputHeight,
                to: memory.scratch + image * bandFloats)
        } else if ownBands {
            let (image, band) = part.quotientAndRemainder(dividingBy: bands.count)
            let input = self.input(
                memory, image: image, band: bands[band], scratch: memory.scratch + thread * bandFloats)
            let pair = memory.scratch + copiedFloats + thread * pairFloats
            for panel in panels { multiply(memory, panel, image: image, rows: bands[band], input, pair: pair) }
        } else {
            let (panel, band) = part.quotientAndRemainder(dividingBy: bands.count)
            var decoded: UnsafePointer<Float>?
            if let coded {
                let target = memory.scratch + copiedFloats + thread * panelFloats
                coded.pack(panels[panel], to: target + coded.scratchFloats, scratch: target)
                decoded = UnsafePointer(target + coded.scratchFloats)
            }
            for image in 0..<shape.batch {
                let whole = copies ? UnsafePointer(memory.scratch + image * bandFloats) : self.image(memory, image)
                let input = whole + bands[band].lowerBound * shape.stride * paddedWidth * (planar ? 1 : 16)
                multiply(memory, panels[panel], image: image, rows: bands[band], input, decoded)
            }
        }
    }

    private func image(_ memory: ConvolutionMemory, _ image: Int) -> UnsafePointer<Float> {
        memory.input + image * planes * shape.height * shape.width * (planar ? 1 : 16)
    }

    /// The first input row of a band, copied between zeros where there is padding.
    private func input(
        _ memory: ConvolutionMemory, image: Int, band: Range<Int>, scratch: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float> {
        let lanes = planar ? 1 : 16
        guard copies else { return self.image(memory, image) + band.lowerBound * shape.stride * paddedWidth * lanes }
        for plane in 0..<planes { copyPlane(memory, image: image, plane: plane, band: band, to: scratch) }
        return UnsafePointer(scratch)
    }

    private func copyPlane(
        _ memory: ConvolutionMemory, image: Int, plane: Int, band: Range<Int>, to scratch: UnsafeMutablePointer<Float>
    ) {
        let lanes = planar ? 1 : 16
        let source = self.image(memory, image) + plane * shape.height * shape.width * lanes
        let margin = shape.padding * lanes
        let length = shape.width * lanes
        var target = scratch + plane * planeStride
        let first = band.lowerBound * shape.stride - shape.padding
        for y in first..<first + (band.count - 1) * shape.stride + shape.kernelHeight {
            if y < 0 || y >= shape.height {
                target.update(repeating: 0, count: paddedWidth * lanes)
            } else {
                target.update(repeating: 0, count: margin)
                (target + margin).update(from: source + y * length, count: length)
                (target + margin + length).update(repeating: 0, count: margin)
            }
            target += paddedWidth * lanes
        }
    }

    /// One panel of output channels over some rows; `input` is where the first of them starts to read.
    private func multiply(
        _ memory: ConvolutionMemory, _ panel: Panel, image: Int, rows: Range<Int>, _ input: UnsafePointer<Float>,
        _ decoded: UnsafePointer<Float>? = nil, pair: UnsafeMutablePointer<Float>? = nil
    ) {
        let lanes = planar ? 1 : 16
        let pixels = shape.outputHeight * shape.outputWidth
        let start = (image * shape.outputBlocks + panel.firstBlock) * pixels * 16
        let group = input + panel.group * (planes / shape.groups) * planeStride
        var call = TileCall(
            input: group, offsets: UnsafePointer(offsets.base.assumingMemoryBound(to: Int.self)), segments: segments,
            depth: depth, rowStride: shape.stride * lanes,
            weights: decoded ?? UnsafePointer(weights.base.assumingMemoryBound(to: Float.self)) + panel.start,
            output: memory.output, blockStride: pixels * 16,
            bias: UnsafePointer(bias.base.assumingMemoryBound(to: Float.self)) + panel.firstBlock * 16, relu: relu)
        if pools { call.blockStride = 2 * shape.outputWidth * 16 }
        let width = panel.blocks * 16
        let (weights, offsets, bias) = (call.weights, call.offsets, call.bias)
        let passes = rows.count * pieces[panel.blocks].count
        for chunk in chunks {
            let isLast = chunk.upperBound == segments
            call.weights = weights + chunk.lowerBound * depth * width
            call.offsets = offsets + chunk.lowerBound
            (call.segments, call.accumulates, call.bias) = (chunk.count, chunk.lowerBound > 0, isLast ? bias : nil)
            // The next chunk, or the first of the thread's next panel, is read evenly while this one is used.
            let share = chunk.count * depth * width
            call.upcomingStep = width / passes
            call.upcoming = isLast ? weights + threads * segments * depth * width : call.weights + share
            for (index, row) in rows.enumerated() {
                for piece in pieces[panel.blocks] {
                    call.input = group + (index * paddedWidth + piece.lowerBound) * shape.stride * lanes
                    let place = start + (row * shape.outputWidth + piece.lowerBound) * 16
                    if pools, let pair {
                        call.output = pair + (row % 2 * shape.outputWidth + piece.lowerBound) * 16
                    } else {
                        call.output = memory.output + place
                        call.residual = memory.residual.map { $0 + place }
                    }
                    kernels.multiplyTile(piece.count, panel.blocks, call)
                    call.upcoming += share / passes
                }
                if pools, row % 2 == 1, let pair { pool(pair, panel, memory.output + start / 4, row: row / 2) }
            }
        }
    }

    /// The largest of each 2×2 pixels of two rows of a panel's blocks, to one row of its `output`.
    private func pool(
        _ pair: UnsafeMutablePointer<Float>, _ panel: Panel, _ output: UnsafeMutablePointer<Float>, row: Int
    ) {
        let (width, half) = (shape.outputWidth, shape.outputWidth / 2)
        for block in 0..<panel.blocks {
            kernels.maxPool(
                UnsafePointer(pair) + block * 2 * width * 16, 2, width, 2, 2, 0,
                output + (block * (shape.outputHeight / 2) + row) * half * 16, 1, half)
        }
    }
}
