import Measurement

/// What has been gathered about a case so far, block by block.
struct CaseState {
    let spec: SuiteCase
    /// What is loaded for it: the case's model, or the file of its compressed form.
    var model: String
    var loaded: WorkerLoaded?
    var engineVersion: String?
    var accuracy: WorkerAccuracy?
    var scenario: ScenarioRecord?
    var details: WorkerDetails?
    var blocks: [Block] = []
    /// Of its compressed form.
    var quantizationError: Double?
    var error: String?
    /// Something to know about the case that does not keep it from running.
    var note: String?
    /// Whether it cannot be run for want of images, which the note says.
    var isSkipped = false

    /// What one process measured.
    struct Block {
        var samples: [Double]
        var warmupCount: Int
        var warmupSeconds: Double
        var steady: Bool
        var stopReason: StopReason
        var loadSeconds: Double
        var firstSeconds: Double
        /// Of the process, before any accuracy was taken; nil where the system does not tell.
        var peakRSS: Int?
        var outputSHA256: String?
        /// Median seconds of each phase of an inference, where it has several.
        var phases: [String: Double] = [:]
        /// While it was sampling.
        var usage: ProcessUsage?
        var counters: CountersRecord?
    }

    init(_ spec: SuiteCase) { (self.spec, model) = (spec, spec.model) }

    /// Whether its weights, compressed or not, are random.
    var isRandom: Bool { spec.model.hasPrefix("random:") }

    /// The fraction of images that it puts into the same class as the case of the same network that is not compressed.
    func agreement(with others: [CaseState]) -> Double? {
        guard spec.compression != nil, let own = accuracy else { return nil }
        let dense = others.first {
            $0.spec.compression == nil && $0.spec.model == spec.model && $0.accuracy?.dataset == own.dataset
        }
        guard let reference = dense?.accuracy?.predictions, let predictions = own.predictions,
            reference.count == predictions.count, own.count > 0
        else { return nil }
        return Double(zip(reference, predictions).count { $0 == $1 }) / Double(own.count)
    }

    /// The record for the results file.
    func record(options: RunOptions, nativeMedian: Double?, agreement: Double?) -> CaseRecord {
        var record = CaseRecord(
            id: spec.id, model: spec.model, engine: spec.engine, threads: spec.threads, batch: spec.batch,
            input: loaded?.inputShape ?? [])
        record.variant = spec.compression?.label ?? spec.form?.rawValue
        record.error = error
        record.note = note
        record.engineVersion = engineVersion
        record.decode = (options.decode ?? spec.decode)?.rawValue
        if spec.engine == "native" { record.isa = options.isa.rawValue }
        if let loaded { describe(loaded, in: &record) }
        if let accuracy, error == nil { record.accuracy = accuracyRecord(accuracy, agreement: agreement) }
        guard !blocks.isEmpty else { return record }
        var latency = LatencyRecord(
            processes: blocks.map(\.samples), warmup: blocks.reduce(0) { $0 + $1.warmupCount },
            stopReason: blocks.map(\.stopReason).first { $0 != .precise } ?? .precise)
        latency.warmupSeconds = blocks.reduce(0) { $0 + $1.warmupSeconds }
        latency.steady = blocks.allSatisfy(\.steady)
        record.latencySeconds = latency
        record.throughput = Double(spec.batch) / latency.median
        record.ratioToNative = nativeMedian.map { latency.median / $0 }
        record.phases = [
            "load": PhaseRecord(samples: blocks.map(\.loadSeconds)),
            "first_inference": PhaseRecord(samples: blocks.map(\.firstSeconds)),
        ]
        for phase in blocks[0].phases.keys {
            record.phases?[phase] = PhaseRecord(samples: blocks.compactMap { $0.phases[phase] })
        }
        if let shape = loaded?.outputShape, shape.count == 3, loaded?.family == "liif" {
            record.megapixelsPerSecond = Double(shape[1] * shape[2]) * 1e-6 / latency.median
        }
        for (name, samples) in details?.phases ?? [:] where !samples.isEmpty {
            record.phases?[name] = PhaseRecord(samples: samples)
        }
        record.layers = details.flatMap { $0.layers.isEmpty ? nil : $0.layers }
        (record.pixelsSHA256, record.tensorsSHA256) = (details?.pixelsSHA256, details?.tensorsSHA256)
        record.scenario = scenario
        let usage = blocks.compactMap(\.usage)
        if let first = usage.first {
            let total = usage.dropFirst().reduce(first, +)
            (record.cpuSeconds, record.majorFaults) = (total.cpuSeconds, total.majorFaults)
            record.contextSwitches = total.contextSwitches
        }
        let counted = blocks.filter { $0.counters != nil }
        if let sum = counted.compactMap(\.counters).reduce(nil, { (a: CountersRecord?, b) in a.map { $0 + b } ?? b }) {
            record.counters = sum.divided(by: counted.reduce(0) { $0 + $1.samples.count })
        }
        let peaks = blocks.compactMap(\.peakRSS)
        let isNative = spec.engine == "native"
        record.memoryBytes = MemoryRecord(
            peakRSS: peaks.sorted().dropFirst(peaks.count / 2).first,
            weights: isNative ? loaded?.planWeightBytes : nil,
            activations: isNative ? loaded?.activationBytes : nil, phases: isNative ? loaded?.peaks : nil, peaks: peaks)
        return record
    }

    private func describe(_ loaded: WorkerLoaded, in record: inout CaseRecord) {
        var weights = WeightsRecord(
            source: isRandom ? .random : .file, sha256: loaded.weightsSHA256,
            bytes: loaded.storedBytes, denseBytes: loaded.denseBytes)
        weights.file = isRandom ? nil : loaded.name
        weights.ratio = loaded.storedBytes > 0 ? Double(loaded.denseBytes) / Double(loaded.storedBytes) : nil
        weights.quantizationError = quantizationError
        record.family = loaded.family
        if loaded.weightsSource != "none" {
            (record.weights, record.form) = (weights, loaded.form.rawValue)
            (record.parameters, record.multiplyAdds) = (loaded.parameters, loaded.multiplyAdds * spec.batch)
        }
        record.inputSHA256 = loaded.inputSHA256
        record.outputSHA256 = blocks.last?.outputSHA256 ?? (spec.engine == "native" ? loaded.outputSHA256 : nil)
        if spec.engine == "native" { record.algorithms = loaded.algorithms }
    }

    private func accuracyRecord(_ accuracy: WorkerAccuracy, agreement: Double?) -> AccuracyRecord {
        var record = AccuracyRecord(dataset: accuracy.dataset, count: accuracy.count)
        record.agreement = agreement
        (record.top1, record.top5) = (accuracy.top1, accuracy.top5)
        record.failed = accuracy.failed.isEmpty ? nil : accuracy.failed.count
        record.outcomes = accuracy.outcomes.map { Outcomes($0.map { $0 == "1" }) }
        if let upscaling = accuracy.upscaling {
            record.scale = upscaling.scale
            (record.psnrDB, record.psnrLumaDB) = (upscaling.scores.psnr, upscaling.scores.psnrLuma)
            record.ssim = upscaling.scores.ssim
            record.resampled = upscaling.resampled.mapValues {
                .init(psnrDB: $0.psnr, psnrLumaDB: $0.psnrLuma, ssim: $0.ssim)
            }
        }
        record.crops = accuracy.upscaling?.crops
        let gates = ["top1": spec.gate?.top1, "top5": spec.gate?.top5, "psnr_db": spec.gate?.psnr]
            .compactMapValues { $0 }
        record.gates = gates.isEmpty ? nil : gates
        return record
    }
}
