import Measurement

/// What tells cases apart besides their ids. What all of them share is said once, above the table.
struct CaseLabel {
    private let shared: Set<String>
    /// `native engine, 1 thread, batch 1, input 1×3×224×224`.
    let common: String

    init(_ cases: [CaseRecord]) {
        let sets = cases.map { Set(Self.facts($0)) }
        let shared = sets.dropFirst().reduce(sets.first ?? []) { $0.intersection($1) }
        self.shared = shared
        common = cases.first.map { Self.facts($0).filter(shared.contains).joined(separator: ", ") } ?? ""
    }

    /// The id, and below it what is not common.
    func html(_ one: CaseRecord) -> HTML {
        let own = Self.facts(one).filter { !shared.contains($0) }.joined(separator: " · ")
        return "<span class=\"id\">\(one.id)</span>\(own.isEmpty ? .empty : "<small>\(own)</small>" as HTML)"
    }

    private static func facts(_ one: CaseRecord) -> [String] {
        ["\(one.engine) engine", Format.threads(one.threads), "batch \(one.batch)", "input \(one.inputShape)"]
    }
}
