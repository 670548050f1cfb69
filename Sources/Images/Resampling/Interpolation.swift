#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The ways to resample, as Pillow defines them.
package enum Interpolation: String, Codable, Sendable, CaseIterable {
    case nearest, bilinear, bicubic, lanczos

    /// Half the filter's width at scale 1.
    var support: Double {
        switch self {
        case .nearest: 0
        case .bilinear: 1
        case .bicubic: 2
        case .lanczos: 3
        }
    }

    /// The filter at distance `x`.
    func weight(_ x: Double) -> Double {
        let distance = abs(x)
        switch self {
        case .nearest: return 0
        case .bilinear: return distance < 1 ? 1 - distance : 0
        case .bicubic:
            // Keys' cubic with a = −1/2.
            let a = -0.5
            if distance < 1 { return ((a + 2) * distance - (a + 3)) * distance * distance + 1 }
            if distance < 2 { return (((distance - 5) * distance + 8) * distance - 4) * a }
            return 0
        case .lanczos: return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0
        }
    }

    private func sinc(_ x: Double) -> Double {
        if x == 0 { return 1 }
        let angle = x * Double.pi
        return sin(angle) / angle
    }
}
