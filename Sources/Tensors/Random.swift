import Foundation

extension Tensor {
    /// Normally distributed numbers, the same for a seed on every machine: SplitMix64 (Steele et al., 2014) at
    /// consecutive counters, then Box–Muller.
    package static func normal(shape: [Int], seed: UInt64, deviation: Float = 1) -> Tensor {
        Tensor(shape: shape) { target in
            for index in stride(from: 0, to: target.count, by: 2) {
                let radius = (-2 * log(uniform(seed, UInt64(index)))).squareRoot()
                let angle = 2 * Double.pi * uniform(seed, UInt64(index) + 1)
                target[index] = deviation * Float(radius * cos(angle))
                if index + 1 < target.count { target[index + 1] = deviation * Float(radius * sin(angle)) }
            }
        }
    }

    /// In (0, 1].
    private static func uniform(_ seed: UInt64, _ counter: UInt64) -> Double {
        var z = seed &* 0xD1B5_4A32_D192_ED03 &+ (counter &+ 1) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        z ^= z >> 31
        return Double((z >> 11) + 1) * 0x1p-53
    }
}
