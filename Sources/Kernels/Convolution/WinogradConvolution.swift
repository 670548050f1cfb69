import KernelTypes
import Tensors

/// Winograd's F(m×m, 3×3): tiles of the input and the weights are transformed, multiplied frequency by frequency, and
/// the products are transformed back (Lavin & Gray, arXiv 1509.09308).
///
/// Transformed input is [frequency][input block][tile][16], transformed weights [panel][frequency][input][blocks · 16].
final class WinogradConvolution: ConvolutionBody, ParallelWork {
    private let shape: ConvolutionShape
    private let kernels: KernelTable
    private let m: Int
    private let relu: Bool
    private let panels: [Panel]
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

    init(_ problem: ConvolutionProblem, m: Int) {
        let shape = problem.shape
        self.shape = shape
        self.m = m
        kernels = problem.kernels
        relu = problem.relu
        threads = problem.threads
        bias = problem.paddedBias
        inputBlocksPerGroup = Blocked.count(shape.inputChannels / shape.groups)
        let frequencies = (m + 2) * (m + 2)
        panels = Panel.all(
            groups: shape.groups, blocksPerGroup: Blocked.count(shape.outputChannels / shape.groups),
            depth: frequencies * inputBlocksPerGroup * 16, kernels: problem.kernels)
        weights = WinogradWeights.pack(problem, m: m, panels: panels, inputBlocks: inputBlocksPerGroup)
        tilesAcross = (shape.outputWidth + m - 1) / m
        tilesPerImage = tilesAcross * ((shape.outputHeight + m - 1) / m)
        let tiles = shape.batch * tilesPerImage
        let bytesPerTile = frequencies * shape.inputBlocks * 64
        ownRuns = weights.byteCount <= Self.cachedWeightBytes
        let fitting = max((ownRuns ? Self.ownBytes : Self.sharedBytes) / bytesPerTile, 8)
        runs = evenRuns(tiles, atMost: ownRuns ? min(fitting, max((tiles + threads - 1) / threads, 1)) : fitting)
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
    private static let sharedBytes = 6 << 20

    var packedBytes: Int { weights.byteCount + bias.byteCount }

    private var inputFloats: Int { frequencies * shape.inputBlocks * longestRun * 16 }
    private var productFloats: Int { frequencies * (panels.map(\.blocks).max() ?? 1) * longestRun * 16 }
    /// A thread's transformed input (or the shared one), and each thread's products.
    var scratchBytes: Int { ((ownRuns ? threads : 1) * inputFloats + threads * productFloats) * 4 }

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
        let products = memory.scratch + (ownRuns ? threads : 1) * inputFloats + thread * productFloats
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
            frequencyStride: blocks * tiles.count * 16)
    }

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
        let count = tiles.count
        let table = UnsafePointer(offsets.base.assumingMemoryBound(to: Int.self))
        let depth = inputBlocksPerGroup * 16
        let packed = UnsafePointer(weights.base.assumingMemoryBound(to: Float.self)) + panel.start
        var tile = TileCall(
            input: input, offsets: count == longestRun ? table + inputBlocksPerGroup : table,
            segments: inputBlocksPerGroup, depth: 16, rowStride: 16, weights: packed, output: products,
            blockStride: count * 16)
        for frequency in 0..<frequencies {
            let source = input + (frequency * shape.inputBlocks + panel.group * inputBlocksPerGroup) * count * 16
            let target = products + frequency * panel.blocks * count * 16
            tile.weights = packed + frequency * depth * panel.blocks * 16
            for piece in pieces[count][panel.blocks] {
                tile.input = source + piece.lowerBound * 16
                tile.output = target + piece.lowerBound * 16
                kernels.multiplyTile(piece.count, panel.blocks, tile)
            }
        }
        let call = call(tiles, blocks: panel.blocks, blocksPerImage: shape.outputBlocks)
        for block in 0..<panel.blocks {
            let channelBlock = panel.firstBlock + block
            let place = channelBlock * shape.height * shape.width * 16
            kernels.transformOutput(
                m, call, products + block * count * 16, memory.output + place,
                UnsafePointer(bias.base.assumingMemoryBound(to: Float.self)) + channelBlock * 16,
                memory.residual.map { $0 + place }, relu)
        }
    }
}
