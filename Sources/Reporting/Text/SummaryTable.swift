import Measurement

/// What a run found, as text for a terminal.
package enum SummaryTable {
    package static func text(_ results: Results) -> String {
        var table = TextTable(header: [
            "case", "threads", "latency", "95 % interval", "images/s", "peak RSS", "weights", "top-1", "against",
        ])
        for one in results.cases {
            guard let latency = one.measured else {
                table.add([one.id, "\(one.threads)", one.isSkipped ? "not run" : "failed"])
                continue
            }
            table.add([
                one.id, "\(one.threads)", Format.seconds(latency.median),
                latency.ci95.map(Format.interval) ?? "–",
                Format.digits(Double(one.batch) / latency.median),
                one.memoryBytes?.peakRSS.map(Format.bytes) ?? "–", one.memoryBytes?.weights.map(Format.bytes) ?? "–",
                one.accuracy?.top1.map(Format.percent) ?? "–", against(one, in: results),
            ])
        }
        return ([table.text] + remarks(results) + compression(results)).joined(separator: "\n")
    }

    /// What compressed cases save and lose; those marked are on the Pareto front of their network: no other case of it is
    /// as accurate with fewer bytes.
    private static func compression(_ results: Results) -> [String] {
        let scored = results.cases.filter { $0.weights?.ratio != nil && $0.accuracy?.top1 != nil && $0.error == nil }
        guard scored.contains(where: { ($0.weights?.ratio ?? 1) > 1.5 }) else { return [] }
        var table = TextTable(header: ["case", "stored", "of float32", "top-1", "agreement", "latency", "front"])
        for one in scored {
            table.add([
                one.id, one.weights?.bytes.map(Format.bytes) ?? "–",
                one.weights?.ratio.map { "1/" + Format.digits($0) } ?? "–",
                one.accuracy?.top1.map(Format.percent) ?? "–", one.accuracy?.agreement.map(Format.percent) ?? "–",
                one.measured.map { Format.seconds($0.median) } ?? "–", isOnFront(one, of: scored) ? "*" : "",
            ])
        }
        return ["", table.text]
    }

    private static func isOnFront(_ one: CaseRecord, of cases: [CaseRecord]) -> Bool {
        guard let bytes = one.weights?.bytes, let top1 = one.accuracy?.top1 else { return false }
        return !cases.contains { other in
            guard other.model == one.model, other.accuracy?.dataset == one.accuracy?.dataset,
                let otherBytes = other.weights?.bytes, let otherTop1 = other.accuracy?.top1
            else { return false }
            return otherBytes <= bytes && otherTop1 >= top1 && (otherBytes, -otherTop1) != (bytes, -top1)
        }
    }

    /// A fused form's latency against its training form's, or a contender's against the native engine's.
    private static func against(_ one: CaseRecord, in results: Results) -> String {
        if let ratio = one.ratioToNative { return "\(Format.ratio(ratio)) × native" }
        guard one.form == "fused", let latency = one.latencySeconds,
            let training = results.cases.first(where: {
                $0.form == "training" && $0.model == one.model && $0.threads == one.threads && $0.batch == one.batch
                    && $0.engine == one.engine
            })?.latencySeconds
        else { return "" }
        return "\(Format.ratio(latency.median / training.median)) × training form"
    }

    private static func remarks(_ results: Results) -> [String] {
        results.cases.compactMap { one in
            (one.error ?? one.note).map { Format.line("\(one.id): \($0)") }
        }
    }
}
