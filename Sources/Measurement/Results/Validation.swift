extension Results {
    /// What is impossible about the values, with the place; nil when nothing is.
    package var flaw: String? {
        if run.id.isEmpty { return "run.id: is empty" }
        if let finished = run.finished, finished < run.started { return "run.finished: is before run.started" }
        if environment.cpu.cores < 1 {
            return "environment.cpu.cores: \(environment.cpu.cores) is not a number of cores"
        }
        var ids: Set<String> = []
        for (index, result) in cases.enumerated() {
            if !ids.insert(result.id).inserted { return "cases[\(index)].id: \(result.id) is there twice" }
            if let flaw = result.flaw { return "cases[\(index)].\(flaw)" }
        }
        return nil
    }
}

extension CaseRecord {
    fileprivate var flaw: String? {
        if id.isEmpty { return "id: is empty" }
        if threads < 1 { return "threads: \(threads) is not a number of threads" }
        if batch < 1 { return "batch: \(batch) is not a size of a batch" }
        if input.contains(where: { $0 < 1 }) { return "input: \(input) is not a shape" }
        if weights?.source == .random, accuracy != nil { return "accuracy: random weights have none" }
        let sizes: [(String, Int?)] = [
            ("weights.bytes", weights?.bytes), ("weights.dense_bytes", weights?.denseBytes),
            ("memory_bytes.peak_rss", memoryBytes?.peakRSS), ("memory_bytes.weights", memoryBytes?.weights),
            ("memory_bytes.activations", memoryBytes?.activations), ("parameters", parameters),
            ("multiply_adds", multiplyAdds), ("major_faults", majorFaults),
        ]
        for case (let name, let size?) in sizes where size < 0 { return "\(name): \(size) is negative" }
        let measures: [(String, Double?)] = [
            ("throughput", throughput), ("ratio_to_native", ratioToNative), ("cpu_seconds", cpuSeconds),
        ]
        for case (let name, let value?) in measures where !value.isFinite || value < 0 {
            return "\(name): \(value) is impossible"
        }
        for (name, phase) in phases ?? [:] {
            for value in phase.samples + [phase.median] where !isDuration(value) {
                return "phases.\(name): \(value) is not a time in seconds"
            }
        }
        for layer in layers ?? [] where !isDuration(layer.seconds) {
            return "layers: \(layer.seconds) is not a time in seconds"
        }
        if let scenario {
            let times = [scenario.median, scenario.p90, scenario.p99, scenario.latencyBound].compactMap(\.self)
            if scenario.queries < 0 || scenario.inferences < 0 || !times.allSatisfy(isDuration)
                || !scenario.throughput.isFinite || scenario.throughput < 0
            {
                return "scenario: holds what cannot be measured"
            }
        }
        return latencySeconds?.flaw.map { "latency_seconds.\($0)" } ?? accuracy?.flaw.map { "accuracy.\($0)" }
    }
}

extension LatencyRecord {
    fileprivate var flaw: String? {
        if samples.isEmpty { return "samples: there are none" }
        if let wrong = samples.firstIndex(where: { !isDuration($0) || $0 == 0 }) {
            return "samples[\(wrong)]: \(samples[wrong]) is not a time in seconds"
        }
        let summary: [(String, Double?)] = [
            ("median", median), ("mean", mean), ("min", min), ("max", max), ("p90", p90), ("p99", p99), ("p99_9", p999),
            ("ci95[0]", ci95?.low), ("ci95[1]", ci95?.high), ("warmup_seconds", warmupSeconds),
        ]
        for case (let name, let value?) in summary where !isDuration(value) {
            return "\(name): \(value) is not a time in seconds"
        }
        if !(min <= median && median <= max) { return "median: is outside [min, max]" }
        if let ci95, ci95.low > ci95.high { return "ci95: ends before it begins" }
        if let warmup, warmup < 0 { return "warmup: \(warmup) is negative" }
        if let blocks {
            // Checked one by one, as a sum of hostile counts could overflow.
            var left = samples.count
            for block in blocks {
                if block.count < 0 || block.count > left { return "blocks: do not add up to the samples" }
                left -= block.count
            }
            if left != 0 { return "blocks: do not add up to the samples" }
        }
        if let outliers, outliers.indices.contains(where: { !samples.indices.contains($0) }) {
            return "outliers.indices: beyond the samples"
        }
        return nil
    }
}

extension AccuracyRecord {
    fileprivate var flaw: String? {
        if count < 1 { return "count: \(count) is not a number of images" }
        for (name, value) in [("top1", top1), ("top5", top5), ("agreement", agreement)] {
            if let value, !(0...1).contains(value) { return "\(name): \(value) is not a fraction" }
        }
        for (name, value) in [("psnr_db", psnrDB), ("psnr_luma_db", psnrLumaDB), ("ssim", ssim)] {
            if let value, !value.isFinite || abs(value) > 1_000 { return "\(name): \(value) is impossible" }
        }
        if let outcomes, outcomes.correct.count < count || outcomes.correct.count - count > 3 {
            return "outcomes: there are not \(count) of them"
        }
        return nil
    }
}

/// No single inference takes a year.
private func isDuration(_ seconds: Double) -> Bool { seconds >= 0 && seconds < 3.2e7 }
