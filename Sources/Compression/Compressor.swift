import Engine
import Kernels
import Tensors

/// Compresses networks: permutes channels, cuts weights into subvectors and finds codebooks for them (PQF, arXiv
/// 2010.15703), or quantizes more simply.
package struct Compressor: Sendable {
    package let settings: CompressionSettings
    package let threads: Int

    package init(_ settings: CompressionSettings, threads: Int) {
        (self.settings, self.threads) = (settings, threads)
    }

    /// What is being done: the step, the layer or group, and how much of the step is over, 0 to 1.
    package struct Progress: Sendable {
        package let step: String
        package let subject: String
        package let fraction: Double
    }

    package struct Output: Sendable {
        package var network: Network
        package var report: CompressionReport
    }

    /// What moving and scaling channels may change in the output by rounding, relative to its largest value.
    private static let tolerance: Float = 1e-5

    /// Compresses the layers that the settings do not leave dense. The statistics of batch norms are folded into their
    /// weights and biases, two numbers per channel. A RepVGG in training form is fused first, and a network with coded
    /// layers stays exactly as it is.
    ///
    /// The result is the same for any number of threads. Cancelling the task ends the work with `interrupted`.
    package func compress(
        _ original: Network, progress: @escaping (Progress) -> Void = { _ in }
    ) throws(CompressionError) -> Output {
        try settings.validate()
        var network = (original.form == .training ? original.fused() : original).unrolled()
        try network.checkWeights()
        if network.isQuantized {
            return Output(network: network.rolled(), report: CompressionReport(network).withoutEmptyLayers)
        }
        guard settings.isProduct else {
            let kept = try network.keptLayers(settings)
            network.roundWeights(settings.method, except: kept)
            var report = CompressionReport(network)
            if settings.method == .fp16 { report.markHalves(in: network, except: kept) }
            return Output(network: network.rolled(), report: report.withoutEmptyLayers)
        }
        network.foldStatistics()
        let pool = ThreadPool(threads: threads)
        var changed = network
        var groups: [CompressionReport.Group] = []
        var difference: Float?
        if settings.isEqualized { try changed.equalize() }
        if settings.isPermuted { groups = try permute(&changed, pool: pool, progress) }
        if settings.isEqualized || settings.isPermuted {
            difference = try changed.largestDifference(from: network, threads: threads, seed: settings.seed)
            guard let difference, difference <= Self.tolerance else {
                throw .changedFunction(
                    network: network.name, step: "moving or scaling its channels", difference: difference ?? .infinity)
            }
        }
        var output = try quantize(changed, original: network, pool: pool, progress)
        output.report.groups = groups
        output.report.functionDifference = difference
        return output
    }

    // MARK: Steps

    /// Puts the channels of every group in a better order where one is found.
    private func permute(
        _ network: inout Network, pool: ThreadPool, _ progress: (Progress) -> Void
    ) throws(CompressionError) -> [CompressionReport.Group] {
        let layouts = Dictionary(uniqueKeysWithValues: try network.layouts(settings).map { ($0.layer, $0) })
        let (before, seed, steps) = (network, settings.seed, settings.searchSteps)
        let groups = try network.channelGroups().compactMap { group -> (ChannelGroup, PermutationSearch)? in
            let name = group.producers.first.map { before.layers[$0].name } ?? ""
            let search = PermutationSearch(group, of: before, layouts: layouts, seed: derivedSeed(seed, name))
            return search.map { (group, $0) }
        }
        // Rows in another order are the same subvectors, so no search needs what another found.
        var outcomes: [PermutationSearch.Outcome] = []
        for start in stride(from: 0, to: groups.count, by: threads) {
            let chunk = Array(groups[start..<min(start + threads, groups.count)])
            progress(
                Progress(
                    step: "permuting", subject: before.names(chunk[0].0.producers).joined(separator: " + "),
                    fraction: Double(start) / Double(groups.count)))
            outcomes += pool.map(chunk.count) { chunk[$0].1.run(steps: steps) }
            if Task.isCancelled { throw .interrupted }
        }
        for ((group, _), outcome) in zip(groups, outcomes) { network.reorder(group, by: outcome.order) }
        return zip(groups, outcomes).map { group, outcome in
            CompressionReport.Group(
                producers: before.names(group.0.producers), consumers: before.names(group.0.consumers.map(\.layer)),
                before: outcome.before, after: outcome.after)
        }
    }

    /// Codes the layers of `network`; `original` is the network before its channels were moved.
    private func quantize(
        _ network: Network, original: Network, pool: ThreadPool, _ progress: (Progress) -> Void
    ) throws(CompressionError) -> Output {
        var coded = network
        let layouts = try network.layouts(settings)
        let moved = try original.layersWithFreeColumns(layouts)
        let work = layouts.reduce(0) { sum, layout in
            sum + layout.work * (settings.isEqualized || settings.isPermuted && moved.contains(layout.layer) ? 2 : 1)
        }
        var done = 0
        var errors: [Int: (before: Double, after: Double)] = [:]
        for layout in layouts {
            func run(_ source: Network) throws(CompressionError) -> (ProductQuantized, Double) {
                defer { done += layout.work }
                return try quantized(source, layout, pool: pool) { share in
                    progress(
                        Progress(
                            step: "quantizing", subject: layout.name,
                            fraction: (Double(done) + share * Double(layout.work)) / Double(max(work, 1))))
                }
            }
            let isMoved = settings.isEqualized || settings.isPermuted && moved.contains(layout.layer)
            let (weights, error) = try run(network)
            errors[layout.layer] = (isMoved ? try run(original).1 : error, error)
            coded.layers[layout.layer].operation.weights = .quantized(weights)
        }
        var report = CompressionReport(coded)
        for layout in layouts {
            guard let error = errors[layout.layer] else { continue }
            report.layers[layout.layer].errorBefore = error.before
            report.layers[layout.layer].error = error.after
            guard moved.contains(layout.layer) else { continue }
            report.layers[layout.layer].objectiveBefore = original.logDeterminant(layout)
            report.layers[layout.layer].objectiveAfter = network.logDeterminant(layout)
        }
        return Output(network: coded.rolled(), report: report.withoutEmptyLayers)
    }

    private func quantized(
        _ network: Network, _ layout: LayerLayout, pool: ThreadPool, _ progress: (Double) -> Void
    ) throws(CompressionError) -> (ProductQuantized, Double) {
        guard let weights = network.layers[layout.layer].operation.weights?.dense() else {
            preconditionFailure("a layout is of a layer with weights")
        }
        let options = ProductQuantizer.Options(
            isAnnealed: settings.isAnnealed, start: settings.start, iterations: settings.iterations,
            seed: derivedSeed(settings.seed, layout.name))
        let scales = settings.scalesRows ? weights.rowDeviations() : nil
        let source = scales.map { weights.dividingRows(by: $0) } ?? weights
        var quantizer = ProductQuantizer(source, d: layout.d, k: layout.k, options: options, pool: pool)
        let iterations = settings.iterations
        let result = quantizer.run { iteration in
            progress(min(Double(iteration) / Double(iterations), 1))
            return !Task.isCancelled
        }
        guard let result else { throw .interrupted }
        let codes: ProductQuantized.Codes =
            layout.k <= 256 ? .bytes(result.codes.map { UInt8(truncatingIfNeeded: $0) }) : .words(result.codes)
        let codebook = Tensor(shape: [layout.k, layout.d], result.codebook)
        let quantized = ProductQuantized(
            shape: layout.shape, codes: codes, codebook: codebook,
            rowScales: scales.map { Tensor(shape: [layout.rows], $0) })
        return (quantized, scales == nil ? result.error : quantized.decoded().relativeSquaredError(from: weights))
    }
}
