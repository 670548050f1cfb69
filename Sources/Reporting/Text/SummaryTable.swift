import Measurement

/// What a run found, as text for a terminal.
package enum SummaryTable {
    package static func text(_ results: Results) -> String {
        var table = TextTable(header: [
            "case", "threads", "latency", "95 % interval", "images/s", "peak RSS", "weights", "top-1", "against",
        ])
        for one in results.cases {
            guard let latency = one.measured else {
                table.add([one.id, "\(one.threads)", "failed"])
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
        return ([table.text] + remarks(results)).joined(separator: "\n")
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
