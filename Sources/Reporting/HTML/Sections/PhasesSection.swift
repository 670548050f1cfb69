import Measurement

/// The parts of a process's life, loading and the first inference, and those of the way from an image to an answer.
enum PhasesSection {
    static func section(_ results: Results) -> Section? {
        let cases = results.cases.filter { $0.measured != nil && $0.phases?.isEmpty == false }
        if cases.isEmpty { return nil }
        let known = ["load", "first_inference", "steady", "read", "encode", "decode", "resample", "infer", "post"]
        let found = Set(cases.flatMap { ($0.phases ?? [:]).keys })
        let names = known.filter(found.contains) + found.subtracting(known).sorted()
        var table = Table(
            caption: "Median over the processes of a case, or over images.",
            columns: [.init(title: "case", kind: .text)]
                + names.map { .init(title: "\($0.replacing("_", with: " "))") }
                + [.init(title: "first inference / median")])
        table.rows = cases.map { one in
            let first = one.phases?["first_inference"]?.median
            return [.init(CaseLabel.id(one.id))]
                + names.map { .init(one.phases?[$0]?.median, Format.seconds) }
                + [.init(first.flatMap { first in one.measured.map { first / $0.median } }) { Format.digits($0) + "×" }]
        }
        return Section(id: "phases", title: "Phases", content: table.html)
    }
}
