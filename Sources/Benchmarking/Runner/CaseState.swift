import Measurement

/// What has been gathered about a case so far, block by block.
struct CaseState {
    let spec: SuiteCase
    var loaded: WorkerLoaded?
    var engineVersion: String?
    var accuracy: WorkerAccuracy?
    var blocks: [Block] = []
    var error: String?
    /// Something to know about the case that does not keep it from running.
    var note: String?

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
    }

    init(_ spec: SuiteCase) { self.spec = spec }

    /// The record for the results file.
    func record(options: RunOptions, nativeMedian: Double?) -> CaseRecord {
        var record = CaseRecord(
            id: spec.id, model: spec.model, engine: spec.engine, threads: spec.threads, batch: spec.batch,
            input: loaded?.inputShape ?? [])
        record.variant = spec.form?.rawValue
        record.error = error
        record.note = note
        record.engineVersion = engineVersion
        record.decode = (options.decode ?? spec.decode)?.rawValue
        if spec.engine == "native" { record.isa = options.isa.rawValue }
        if let loaded { describe(loaded, in: &record) }
        if let accuracy, error == nil { record.accuracy = accuracyRecord(accuracy) }
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
        let peaks = blocks.compactMap(\.peakRSS)
        let isNative = spec.engine == "native"
        record.memoryBytes = MemoryRecord(
            peakRSS: peaks.sorted().dropFirst(peaks.count / 2).first,
            weights: isNative ? loaded?.planWeightBytes : nil,
            activations: isNative ? loaded?.activationBytes : nil, peaks: peaks)
        return record
    }

    private func describe(_ loaded: WorkerLoaded, in record: inout CaseRecord) {
        var weights = WeightsRecord(
            source: loaded.weightsSource == "random" ? .random : .file, sha256: loaded.weightsSHA256,
            bytes: loaded.storedBytes, denseBytes: loaded.denseBytes)
        weights.file = loaded.weightsSource == "random" ? nil : loaded.name
        record.weights = weights
        (record.family, record.form) = (loaded.family, loaded.form.rawValue)
        (record.parameters, record.multiplyAdds) = (loaded.parameters, loaded.multiplyAdds * spec.batch)
        record.inputSHA256 = loaded.inputSHA256
        record.outputSHA256 = blocks.last?.outputSHA256 ?? (spec.engine == "native" ? loaded.outputSHA256 : nil)
        if spec.engine == "native" { record.algorithms = loaded.algorithms }
    }

    private func accuracyRecord(_ accuracy: WorkerAccuracy) -> AccuracyRecord {
        var record = AccuracyRecord(dataset: accuracy.dataset, count: accuracy.count)
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
        let gates = ["top1": spec.gate?.top1, "top5": spec.gate?.top5].compactMapValues { $0 }
        record.gates = gates.isEmpty ? nil : gates
        return record
    }
}
