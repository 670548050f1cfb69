import Measurement

/// The order in which blocks run.
enum Schedule {
    /// Case numbers, each as often as there are blocks: every round holds all cases, in an order of its own.
    ///
    /// Interleaving spreads slow spells of the machine over all cases.
    static func blocks(cases: Int, blocks: Int, seed: UInt64) -> [Int] {
        var generator = SplitMix64(seed: seed)
        return (0..<blocks).flatMap { round in
            round == 0 ? Array(0..<cases) : (0..<cases).shuffled(using: &generator)
        }
    }
}
