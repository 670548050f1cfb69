import CHost

/// The instruction sets that the kernels are built for.
package enum ISA: String, Codable, Sendable, CaseIterable {
    /// Plain Swift vectors for any other CPU.
    case portable
    case v2 = "x86-64-v2"
    case v3 = "x86-64-v3"
    case v4 = "x86-64-v4"

    /// Those that this CPU can run, the best last.
    package static let available: [ISA] = {
        let level = Int(chost_x86_level())
        return level < 2 ? [.portable] : [.v2, .v3, .v4].filter { $0.level <= level }
    }()

    package static let best = available[available.count - 1]

    private var level: Int {
        switch self {
        case .portable: 0
        case .v2: 2
        case .v3: 3
        case .v4: 4
        }
    }
}
