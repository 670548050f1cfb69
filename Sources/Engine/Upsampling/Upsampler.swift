import Kernels
import Tensors

/// LIIF made ready to turn images of one size into another size: the encoder's plan, the packed decoder, and the tiles
/// that keep both within a memory limit.
///
/// Any tile size gives the same bits. In an image that may be cut, the encoder's convolutions are direct ones, where a
/// pixel depends on nothing but its own neighbourhood; a smaller image is never cut, and may take Winograd's.
package final class Upsampler {
    /// Height and width.
    package let inputSize: [Int]
    package let outputSize: [Int]
    /// Bytes of packed weights, and of activations and scratch memory.
    package let weightBytes: Int
    package let activationBytes: Int
    /// The encoder's layers and how they are computed.
    package var layers: [LayerReport] { plan.layers }
    /// Of the decoder's layers after the first, for every output pixel; the first one's are those of the layer list.
    package let decoderMultiplyAdds: Int
    /// How many pieces the image is cut into.
    package var tiles: Int { grid.tiles.count }

    private let grid: TileGrid
    private let plan: Plan
    private let decoder: PreparedDecoder
    private let rows: QueryAxis
    private let columns: QueryAxis

    /// Seconds of each phase, over all tiles.
    package struct Phases: Sendable {
        package var encode = 0.0
        package var decode = 0.0
    }

    /// Images of at most so many pixels are never cut.
    private static let wholePixels = 1 << 17
    /// Activations of the encoder, where no limit is given.
    package static let defaultLimit = 320 << 20

    /// - Parameters:
    ///   - network: a network with a decoder.
    ///   - memoryLimit: bytes for weights, activations and scratch memory.
    package init(
        _ network: Network, inputSize: [Int], outputSize: [Int], options: PlanOptions, memoryLimit: Int? = nil
    ) throws {
        guard let implicit = network.decoder else {
            throw EngineError.doesNotFit(network: network.name, layer: "output", reason: "is no upsampling network")
        }
        self.inputSize = inputSize
        self.outputSize = outputSize
        rows = QueryAxis(inputs: inputSize[0], outputs: outputSize[0], ensembles: implicit.ensembles)
        columns = QueryAxis(inputs: inputSize[1], outputs: outputSize[1], ensembles: implicit.ensembles)
        decoder = PreparedDecoder(
            first: .init(
                bias: implicit.bias(cell: (0..<2).map { 2 * Double(inputSize[$0]) / Double(outputSize[$0]) }),
                row: implicit.offsetColumn(0), column: implicit.offsetColumn(1)),
            layers: implicit.layers.dropFirst().map { ($0.linear.weights.dense(), $0.linear.bias) },
            rows: rows, columns: columns, isa: options.isa, threads: options.threads)

        let products = implicit.layers.dropFirst().map { $0.linear.weights.shape.reduce(1, *) }
        decoderMultiplyAdds =
            (products.dropLast().reduce(0, +) * (implicit.ensembles ? 4 : 1) + (products.last ?? 0))
            * outputSize[0] * outputSize[1]
        var encoder = network
        encoder.decoder = nil
        _ = encoder.append(
            implicit.layers[0].name + ".table", .convolution(implicit.table()), network.layers.count)
        var options = options
        let isWhole = inputSize[0] * inputSize[1] <= Self.wholePixels
        if !isWhole { options.algorithm = .direct }
        let fixed = decoder.weightBytes + decoder.scratchBytes + network.denseBytes
        let budget = memoryLimit.map { max($0 - fixed, 0) } ?? Self.defaultLimit
        grid = try TileGrid(
            height: inputSize[0], width: inputSize[1], halo: encoder.reach + 1, isWhole: isWhole,
            budget: memoryLimit == nil && isWhole ? .max : budget
        ) { height, width throws in
            try PlanBuilder.activationBytes(
                encoder, inputShape: [1, encoder.inputChannels, height, width], options: options)
        } tooSmall: { needed in
            EngineError.memoryLimit(network: network.name, needed: needed + fixed, limit: memoryLimit ?? budget)
        }
        plan = try Plan(
            encoder, inputShape: [1, encoder.inputChannels, grid.windowHeight, grid.windowWidth], options: options)
        weightBytes = plan.weightBytes + decoder.weightBytes
        activationBytes = plan.activationBytes + decoder.scratchBytes
    }

    /// Upsamples `image`, 1×3×H×W in [0, 1].
    ///
    /// - Parameters:
    ///   - clock: the time in nanoseconds.
    ///   - progress: called after each tile with the number done.
    ///   - sink: takes runs of pixels of a row, 16 floats each of which the first three are the colour in [−1, 1], not
    ///     clamped. Called from several threads at once.
    package func run(
        _ image: Tensor, clock: () -> UInt64 = { 0 }, progress: (Int) -> Void = { _ in },
        sink: @escaping PreparedDecoder.Sink
    ) -> Phases {
        precondition(image.shape == [1, 3] + inputSize)
        var phases = Phases()
        for (index, tile) in grid.tiles.enumerated() {
            let start = clock()
            let window = window(of: image, tile)
            let table = withExtendedLifetime(window) { plan.runInPlace(window.floats) }
            let middle = clock()
            decoder.run(
                .init(values: table, rows: tile.windowRows, columns: tile.windowColumns),
                rows: rows.outputs(in: tile.rows), columns: columns.outputs(in: tile.columns), pool: plan.pool,
                sink: sink)
            phases.encode += Double(middle - start) * 1e-9
            phases.decode += Double(clock() - middle) * 1e-9
            progress(index + 1)
        }
        return phases
    }

    /// The whole output, 3×H×W, not clamped.
    package func run(_ image: Tensor) -> Tensor {
        Tensor(shape: [3] + outputSize) { _ = run(image, output: $0) }
    }

    /// As `run`, into memory of the caller.
    package func run(
        _ image: Tensor, output: UnsafeMutableBufferPointer<Float>, clock: () -> UInt64 = { 0 }
    ) -> Phases {
        let (height, width) = (outputSize[0], outputSize[1])
        precondition(output.count == 3 * height * width)
        let target = SharedFloats(base: output.baseAddress!)
        return run(image, clock: clock) { y, x, count, pixels in
            for channel in 0..<3 {
                let row = target.base + (channel * height + y) * width + x
                for pixel in 0..<count { row[pixel] = pixels[pixel * 16 + channel] * 0.5 + 0.5 }
            }
        }
    }

    /// The part of the image that a tile's encoder reads, in [−1, 1].
    private func window(of image: Tensor, _ tile: TileGrid.Tile) -> Tensor {
        let (height, width) = (inputSize[0], inputSize[1])
        return Tensor(shape: plan.inputShape) { target in
            let source = image.floats
            var place = 0
            for channel in 0..<3 {
                for y in tile.windowRows {
                    let row = (channel * height + y) * width
                    for x in tile.windowColumns {
                        target[place] = (source[row + x] - 0.5) / 0.5
                        place += 1
                    }
                }
            }
        }
    }
}
