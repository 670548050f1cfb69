/// A seed for a part of a computation by its name, so that no part depends on the order of the others (FNV-1a).
func derivedSeed(_ seed: UInt64, _ name: String) -> UInt64 {
    name.utf8.reduce(seed &+ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
