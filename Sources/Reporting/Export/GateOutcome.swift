import Measurement

/// One accuracy gate of a case and whether it was met.
struct GateOutcome {
    /// Of the case.
    let id: String
    let measure: String
    let least: Double
    /// Nil when it was not measured, which is a gate not met.
    let value: Double?
    let met: Bool

    /// `top1 0.975, at least 0.98 asked for`.
    var text: String { "\(measure) \(value.map { "\($0)" } ?? "was not measured"), at least \(least) asked for" }

    static func all(_ results: Results) -> [GateOutcome] { results.cases.flatMap(all) }

    static func all(_ one: CaseRecord) -> [GateOutcome] {
        guard let accuracy = one.accuracy else { return [] }
        let failed = accuracy.failedGates
        return (accuracy.gates ?? [:]).sorted { $0.key < $1.key }.map { measure, least in
            GateOutcome(
                id: one.id, measure: measure, least: least, value: accuracy.measures[measure],
                met: !failed.contains(measure))
        }
    }
}
