import KernelTypes
import Tensors

/// Winograd's F(m×m, 3×3): tiles of the input and the weights are transformed, multiplied frequency by frequency, and
/// the products are transformed back (Lavin & Gray, arXiv 1509.09308).
///
/// Transformed input is [frequency][input block][tile][16], transformed weights [panel][frequency][input][blocks · 16].
/// A streamed convolution keeps its weights as [panel][input][tap][blocks · 16], or as codes, and each thread transforms
/// those of one panel and a few blocks of input channels at a time, adding up the products of all.
final class WinogradConvolution: ConvolutionBody, ParallelWork {
    private let shape: ConvolutionShape
    private let kernels: KernelTable
    private let m: Int
    private let streamed: Bool
    /// Where codes are kept in place of weights.
    private let coded: ConvolutionProblem?
    /// Input blocks whose products are computed at once.
    private let chunks: [Range<Int>]
    private let relu: Bool
    private let pools: Bool
    private let panels: [Panel]
    /// Of the widest panel, for each input.
    private let panelFloats: Int
    private let weights: Storage
    private let bias: Storage
    private let offsets: Storage
    private let inputBlocksPerGroup: Int
    private let tilesAcross: Int
    private let tilesPerImage: Int
    /// Tiles that are transformed together. Every thread works on a run of its own; else all share each run, and
    /// divide first its input blocks, then its panels.
    private let runs: [Range<Int>]
    private let ownRuns: Bool
    private let longestRun: Int
    private let pieces: [[[Range<Int>]]]
    private let threads: Int

    nonisolated(unsafe) private var memory: ConvolutionMemory?
    nonisolated(unsafe) private var phase = Phase.own

    private enum Phase {
        case own
        case input(Range<Int>)
        case panels(Int)
    }

    private var frequencies: Int { (m + 2) * (m + 2) }

    init(_ problem: ConvolutionProblem, m: Int, streamed: Bool = false) {
        let shape = problem.shape
        self.shape = shape
        self.m = m
        self.streamed = streamed
        kernels = problem.kernels
        relu = problem.relu
        pools = problem.pools
        coded = streamed && problem.weights.areKeptCoded ? problem : nil
        threads = problem.threads
        bias = problem.paddedBias
        inputBlocksPerGroup = Blocked.count(shape.inputChannels / shape.groups)
        let frequencies = (m + 2) * (m + 2)
        panels = Panel.all(
            groups: shape.groups, blocksPerGroup: Blocked.count(shape.outputChannels / shape.groups),
            depth: (streamed ? 9 : frequencies) * inputBlocksPerGroup * 16, kernels: problem.kernels,
            threads: threads)
        panelFloats = (panels.map(\.blocks).max() ?? 1) * 16
        weights =
            coded != nil
            ? Storage(byteCount: 0)
            : streamed
                ? WinogradWeights.packTaps(problem, panels: panels, inputBlocks: inputBlocksPerGroup)
                : WinogradWeights.pack(problem, m: m, panels: panels, inputBlocks: inputBlocksPerGroup)
        chunks = evenRuns(inputBlocksPerGroup, atMost: streamed ? Self.streamedBlocks : inputBlocksPerGroup)
        tilesAcross = (shape.outputWidth + m - 1) / m
        tilesPerImage = tilesAcross * ((shape.outputHeight + m - 1) / m)
        let tiles = shape.batch * tilesPerImage
        let bytesPerTile = frequencies * shape.inputBlocks * 64
        ownRuns = !streamed && weights.byteCount <= Self.cachedWeightBytes
        let fitting = min(
            max((ownRuns ? Self.ownBytes : Self.sharedBytes) / bytesPerTile, 8), streamed ? Self.streamedTiles : .max)
        runs = evenRuns(tiles, atMost: fitting, threads: ownRuns ? threads : 1)
        longestRun = runs.map(\.count).max() ?? 1
        offsets = Storage(byteCount: inputBlocksPerGroup * MemoryLayout<Int>.stride * 2)
        pieces = Set(runs.map(\.count)).reduce(into: Array(repeating: [], count: longestRun + 1)) { table, count in
            table[count] = problem.kernels.tileRows.map { $0 == 0 ? [] : evenRuns(count, atMost: $0) }
        }
        // Runs differ by at most one tile, so two tables of offsets serve all.
        for (index, count) in [longestRun - 1, longestRun].enumerated() {
            let table = offsets.base.assumingMemoryBound(to: Int.self) + index * inputBlocksPerGroup
            for block in 0..<inputBlocksPerGroup { table[block] = block * count * 16 }
        }
    }

    /// Weights up to this size stay in cache, so that each run of tiles may read them again.
    private static let cachedWeightBytes = 1 << 20
    private static let ownBytes = 384 << 10
    private static let sharedBytes = 3_400 << 10
    /// So that the transformed weights, the products and the input that a thread works on fit its second-level cache.
    static let streamedBlocks = 4
    static let streamedTiles = 56
    /// Floats between frequencies: without them, their lines would fall on the same places of the cache.
    private static let gap = 48

    var packedBytes: Int { weights.byteCount + (coded?.weights.keptCodes?.byteCount ?? 0) + bias.byteCount }

    private var inputFloats: Int { frequencies * stride(blocks: shape.inputBlocks, tiles: longestRun) }
    private var productFloats: Int { frequencies * stride(blocks: panelFloats / 16, tiles: longestRun) }
    private var streamedFloats: Int {
        streamed ? frequencies * (Self.streamedBlocks * 16 * panelFloats + Self.gap) + decodedFloats : 0
    }
    private var decodedFloats: Int { coded == nil ? 0 : Self.streamedBlocks * 16 * 9 * panelFloats }
    /// A thread's transformed input (or the shared one), and each thread's products and streamed weights.
    var scratchBytes: Int {
        ((ownRuns ? threads : 1) * inputFloats + threads * (productFloats + streamedFloats)) * 4
    }

    func run(_ memory: ConvolutionMemory, pool: ThreadPool) {
        self.memory = memory
        if ownRuns {
            phase = .own
            pool.run(runs.count, self)
        } else {
            for index in runs.indices {
                phase = .input(runs[index])
                pool.run(shape.inputBlocks, self)
                phase = .panels(index)
                pool.run(panels.count, self)
            }
        }
        self.memory = nil
    }

    func run(part: Int, thread: Int) {
        guard let memory else { return }
        let products =
            memory.scratch + (ownRuns ? threads : 1) * inputFloats + thread * (productFloats + streamedFloats)
        switch phase {
        case .own:
            let input = memory.scratch + thread * inputFloats
            for block in 0..<shape.inputBlocks { transform(memory, block: block, runs[part], to: input) }
            for panel in panels { multiply(memory, panel, runs[part], input, products) }
        case .input(let tiles): transform(memory, block: part, tiles, to: memory.scratch)
        case .panels(let run): multiply(memory, panels[part], runs[run], memory.scratch, products)
        }
    }

    private func call(_ tiles: Range<Int>, blocks: Int, blocksPerImage: Int) -> WinogradCall {
        WinogradCall(
            height: shape.height, width: shape.width, imageStride: blocksPerImage * shape.height * shape.width * 16,
            tilesAcross: tilesAcross, tilesPerImage: tilesPerImage, tiles: tiles,
            frequencyStride: stride(blocks: blocks, tiles: tiles.count))
    }

    /// Floats from one frequency of transformed tiles to the next.
    private func stride(blocks: Int, tiles: Int) -> Int { blocks * tiles * 16 + Self.gap }

    private func transform(
        _ memory: ConvolutionMemory, block: Int, _ tiles: Range<Int>, to target: UnsafeMutablePointer<Float>
    ) {
        kernels.transformInput(
            m, call(tiles, blocks: shape.inputBlocks, blocksPerImage: shape.inputBlocks),
            memory.input + block * shape.height * shape.width * 16, target + block * tiles.count * 16)
    }

    private func multiply(
        _ memory: ConvolutionMemory, _ panel: Panel, _ tiles: Range<Int>, _ input: UnsafePointer<Float>,
        _ products: UnsafeMutablePointer<Float>
    ) {
        for chunk in chunks { multiply(panel, chunk, tiles.count, input, products) }
        var call = call(tiles, blocks: panel.blocks, blocksPerImage: shape.outputBlocks)
        call.pools = pools
        if pools { call.imageStride /= 4 }
        for block in 0..<panel.blocks {
            let channelBlock = panel.firstBlock + block
            let place = channelBlock * shape.height * shape.width * 16 / (pools ? 4 : 1)
            kernels.transformOutput(
                m, call, products + block * tiles.count * 16, memory.output + place,
                UnsafePointer(bias.base.assumingMemoryBound(to: Float.self)) + channelBlock * 16,
                memory.residual.map { $0 + place }, relu)
        }
    }

    /// Sets or, after the first chunk of input blocks, adds to the products of one panel.
    private func multiply(
        _ panel: Panel, _ chunk: Range<Int>, _ count: Int, _ input: UnsafePointer<Float>,
        _ products: UnsafeMutablePointer<Float>
    ) {
        let table = UnsafePointer(offsets.base.assumingMemoryBound(to: Int.self))
        let width = panel.blocks * 16
        let depth = chunk.count * 16
        let weightStride = depth * width + (streamed ? Self.gap : 0)
        var packed = UnsafePointer(weights.base.assumingMemoryBound(to: Float.self)) + panel.start
        var taps = packed + chunk.lowerBound * 16 * 9 * width
        if streamed {
            let target = products + productFloats + decodedFloats
            if let coded { taps = coded.decodeTaps(panel, chunk, to: products + productFloats) }
            kernels.transformWeights(m, taps, depth, panel.blocks, target, weightStride)
            packed = UnsafePointer(target)
        }
        var tile = TileCall(
            input: input, offsets: count == longestRun ? table + inputBlocksPerGroup : table, segments: chunk.count,
            depth: 16, rowStride: 16, weights: packed, output: products, blockStride: count * 16)
        tile.accumulates = chunk.lowerBound > 0
        // The next frequency's weights, or the next chunk's taps, are read while this one's are used.
        let passes = pieces[count][panel.blocks].count
        let share = streamed ? depth * width * 9 / frequencies : depth * width
        let upcoming = streamed ? taps + depth * width * 9 : packed + weightStride
        tile.upcomingStep = ownRuns ? width : share / depth / passes
        for frequency in 0..<frequencies {
            let firstBlock = panel.group * inputBlocksPerGroup + chunk.lowerBound
            let source =
                input + frequency * stride(blocks: shape.inputBlocks, tiles: count) + firstBlock * count * 16
            let target = products + frequency * stride(blocks: panel.blocks, tiles: count)
            tile.weights = packed + frequency * weightStride
            for (pass, piece) in pieces[count][panel.blocks].enumerated() {
                tile.upcoming =
                    ownRuns
                    ? tile.weights + TileCall.cachedDistance
                    : upcoming + (frequency * passes + pass) * share / passes
                tile.input = source + piece.lowerBound * 16
                tile.output = target + piece.lowerBound * 16
                kernels.multiplyTile(piece.count, panel.blocks, tile)
            }
        }
    }
}
