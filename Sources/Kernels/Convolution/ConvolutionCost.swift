extension ConvolutionAlgorithm {
    /// Multiply-adds that it really does, in whole blocks of channels and whole tiles.
    package func multiplyAdds(_ shape: ConvolutionShape) -> Int {
        guard let m = winogradTile else { return shape.multiplyAdds }
        return (m + 2) * (m + 2) * tiles(shape, m) * (shape.inputChannels / shape.groups) * shape.outputBlocks * 16
    }

    /// Multiply-adds without any padding of channels.
    func leastMultiplyAdds(_ shape: ConvolutionShape) -> Int {
        guard let m = winogradTile else { return shape.multiplyAdds }
        return (m + 2) * (m + 2) * tiles(shape, m) * (shape.inputChannels / shape.groups) * shape.outputChannels
    }

    /// Operations of the input's and the output's transforms, as `KernelSources/WinogradSchemes.swift` does them.
    func transformOperations(_ shape: ConvolutionShape) -> Int {
        guard let m = winogradTile else { return 0 }
        let (input, output) = m == 2 ? (4, 4) : m == 4 ? (18, 14) : (40, 34)
        return tiles(shape, m)
            * (2 * (m + 2) * input * shape.inputChannels + (2 * m + 2) * output * shape.outputChannels)
    }

    /// Bytes of its weights.
    package func weightBytes(_ shape: ConvolutionShape) -> Int {
        let taps =
            self == .winograd4Streamed
            ? 9 : winogradTile.map { ($0 + 2) * ($0 + 2) } ?? shape.kernelHeight * shape.kernelWidth
        return shape.outputBlocks * 16 * (shape.inputChannels / shape.groups) * taps * 4
    }

    /// A guess of its time on one core that ranks the algorithms: the larger of arithmetic and reading the weights once,
    /// then the transforms at the rate of cached memory. It does not know the number of threads, as outputs must not
    /// depend on that.
    ///
    /// - Parameter coded: the weights are kept as codes, and decoded anew for each run of tiles.
    package func estimatedSeconds(_ shape: ConvolutionShape, isa: ISA, coded: Bool = false) -> Double {
        let machine = Machine.typical(isa)
        let efficiency =
            switch self {
            case .reference: 0.005
            case .openblas: 0.4
            case .direct: 0.93
            case .winograd2, .winograd4, .winograd4Streamed: 0.8
            // Elsewhere it wins too little to be worth the size of its weights.
            case .winograd6:
                shape.outputHeight * shape.outputWidth >= 56 * 56 || shape.inputChannels >= 256 ? 0.78 : 0.62
            }
        let arithmetic = 2 * Double(multiplyAdds(shape)) / (machine.flops * efficiency)
        let weights = Double(weightBytes(shape)) / machine.bandwidth
        var transforms = 0.0
        if let m = winogradTile {
            let n = m + 2
            let inputs = tiles(shape, m) * n * n * shape.inputBlocks * 16
            let outputs = tiles(shape, m) * (n * n + m * m) * shape.outputBlocks * 16
            transforms = Double((inputs + outputs) * 8) / machine.cacheBandwidth
        }
        var runs = 1
        if self == .winograd4Streamed {
            // About a hundred operations for each pair of channels, anew for each run of tiles.
            runs = (tiles(shape, 4) + WinogradConvolution.streamedTiles - 1) / WinogradConvolution.streamedTiles
            transforms += Double(runs * weightBytes(shape) / 36 * 100) / (0.25 * machine.flops)
            // The products are read and written again for each few input channels.
            let products = tiles(shape, 4) * 36 * shape.outputBlocks * 16
            let blocks = WinogradConvolution.streamedBlocks
            let chunks = (shape.inputBlocks / shape.groups + blocks - 1) / blocks
            transforms += Double(chunks * products * 8) / machine.cacheBandwidth
        }
        if coded { transforms += Double(runs * weightBytes(shape)) / 4 * machine.decodeSeconds }
        return max(arithmetic, weights) + 0.2 * min(arithmetic, weights) + transforms
    }

    private func tiles(_ shape: ConvolutionShape, _ m: Int) -> Int {
        shape.batch * ((shape.outputHeight + m - 1) / m) * ((shape.outputWidth + m - 1) / m)
    }
}

/// Rates of one core, of which only the proportions matter here.
private struct Machine {
    /// Floating-point operations, bytes of memory and bytes of cache per second.
    let flops: Double
    let bandwidth: Double
    let cacheBandwidth: Double
    /// Of one weight, from its code.
    let decodeSeconds = 0.4e-9

    static func typical(_ isa: ISA) -> Machine {
        switch isa {
        case .portable, .v2: Machine(flops: 25e9, bandwidth: 15e9, cacheBandwidth: 50e9)
        case .v3: Machine(flops: 120e9, bandwidth: 25e9, cacheBandwidth: 80e9)
        case .v4: Machine(flops: 240e9, bandwidth: 32e9, cacheBandwidth: 120e9)
        }
    }
}
