import Measurement

/// Every sample of every case, folded up.
enum DistributionSection {
    static func section(_ results: Results) -> Section? {
        let measured = results.cases.compactMap { one in one.measured.map { (one, $0) } }
        if measured.isEmpty { return nil }
        let parts = measured.map { one, latency -> HTML in
            """
            <details\(measured.count == 1 ? " open=\"open\"" : "" as HTML)>
            <summary>\(CaseLabel.id(one.id))<span>\(Format.seconds(latency.median)), \
            \(Format.plural(latency.samples.count, "sample"))</span></summary>
            \(SamplesChart(latency).html)</details>

            """
        }
        return Section(
            id: "samples", title: "Samples",
            content: """
                <p class="note">In the order taken; outliers by Tukey’s fences in the second colour, the median dashed.</p>
                \(parts)
                """)
    }
}
