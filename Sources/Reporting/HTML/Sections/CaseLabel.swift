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

    /// The id, and below it what is not common; of engines only those that the id does not name.
    func html(_ one: CaseRecord) -> HTML {
        let engineIsPlain = one.engine == "native" || one.id.hasSuffix("@\(one.engine)")
        let own = Self.facts(one).dropFirst(engineIsPlain ? 1 : 0).filter { !shared.contains($0) }
            .joined(separator: " · ")
        return "\(Self.id(one.id))\(own.isEmpty ? .empty : "<small>\(own)</small>" as HTML)"
    }

    /// An id that may be broken where a part of it ends.
    static func id(_ id: String) -> HTML {
        var parts: HTML = ""
        for character in id {
            parts += "\(String(character))"
            if "@/_.:".contains(character) { parts += "<wbr/>" }
        }
        return "<span class=\"id\">\(parts)</span>"
    }

    /// The engine first.
    private static func facts(_ one: CaseRecord) -> [String] {
        let shape = one.input.isEmpty ? [] : ["input \(one.inputShape)"]
        return ["\(one.engine) engine", Format.threads(one.threads), "batch \(one.batch)"] + shape
    }
}
