import Measurement

/// The order in which blocks run.
package enum Schedule {
    package struct Step: Equatable, Sendable {
        package let caseIndex: Int
        /// Which of the builds that are compared.
        package let build: Int
    }

    /// Each case as often as there are blocks: every round holds all cases, in an order of its own. Of two builds, the
    /// blocks of a case follow each other, and the build that goes first changes from round to round (ABBA).
    ///
    /// Interleaving spreads slow spells of the machine over all cases and both builds.
    package static func steps(cases: Int, builds: Int = 1, blocks: Int, seed: UInt64) -> [Step] {
        var generator = SplitMix64(seed: seed)
        let first = (0..<cases).map { _ in Int.random(in: 0..<builds, using: &generator) }
        return (0..<blocks).flatMap { round in
            (round == 0 ? Array(0..<cases) : (0..<cases).shuffled(using: &generator)).flatMap { index in
                (0..<builds).map { Step(caseIndex: index, build: ($0 + first[index] + round) % builds) }
            }
        }
    }
}
