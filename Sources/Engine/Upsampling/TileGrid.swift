/// How an image is cut into tiles that a network can compute one by one.
///
/// All windows have one size, so that one plan serves them: at the image's borders they are moved inwards, and show
/// more of the neighbourhood than is needed.
struct TileGrid {
    struct Tile {
        /// The pixels that it stands for.
        let rows: Range<Int>
        let columns: Range<Int>
        /// The pixels that it reads.
        let windowRows: Range<Int>
        let windowColumns: Range<Int>
    }

    let tiles: [Tile]
    let windowHeight: Int
    let windowWidth: Int

    private static let sides = [2048, 1536, 1024, 768, 512, 384, 256, 192, 128, 96, 64, 48, 32, 16]

    /// The largest tiles whose windows fit.
    ///
    /// - Parameters:
    ///   - halo: how far a pixel's neighbourhood reaches.
    ///   - isWhole: never cut it.
    ///   - budget: in bytes.
    ///   - cost: of a window of some height and width.
    ///   - tooSmall: the error for a budget below what the smallest tiles cost.
    init(
        height: Int, width: Int, halo: Int, isWhole: Bool, budget: Int, cost: (Int, Int) throws -> Int,
        tooSmall: (Int) -> EngineError
    ) throws {
        var needed = try cost(height, width)
        var side = max(height, width)
        if needed > budget, !isWhole {
            for smaller in Self.sides where smaller < max(height, width) && needed > budget {
                side = smaller
                needed = try cost(min(height, side + 2 * halo), min(width, side + 2 * halo))
            }
        }
        guard needed <= budget else { throw tooSmall(needed) }
        let windowHeight = min(height, side + 2 * halo)
        let windowWidth = min(width, side + 2 * halo)
        func windows(_ extent: Int, _ window: Int) -> [(core: Range<Int>, window: Range<Int>)] {
            let count = window == extent ? 1 : (extent + side - 1) / side
            return (0..<count).map { index in
                let core = extent * index / count..<extent * (index + 1) / count
                let start = min(max(core.lowerBound - halo, 0), extent - window)
                return (core, start..<start + window)
            }
        }
        let across = windows(width, windowWidth)
        tiles = windows(height, windowHeight).flatMap { vertical in
            across.map {
                Tile(
                    rows: vertical.core, columns: $0.core, windowRows: vertical.window, windowColumns: $0.window)
            }
        }
        (self.windowHeight, self.windowWidth) = (windowHeight, windowWidth)
    }
}

extension Network {
    /// How many pixels away an output pixel still depends on the input, where all strides are 1.
    var reach: Int {
        var reaches = [0]
        for layer in layers {
            var own = 0
            if case .convolution(let convolution) = layer.operation { own = convolution.weights.shape[2] / 2 }
            reaches.append(
                layer.inputs.enumerated().reduce(0) { max($0, reaches[$1.element] + ($1.offset == 0 ? own : 0)) })
        }
        return reaches[layers.count]
    }
}
