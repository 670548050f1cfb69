/// Why a network cannot be run; its text is one line.
package enum EngineError: Error, CustomStringConvertible {
    /// A layer cannot take the input that it would get.
    case doesNotFit(network: String, layer: String, reason: String)
    /// The activations would need more memory than is sensible.
    case tooLarge(network: String, bytes: Int)
    /// The smallest tiles would not stay within a limit in bytes.
    case memoryLimit(network: String, needed: Int, limit: Int)

    package var description: String {
        switch self {
        case .doesNotFit(let network, let layer, let reason): "\(network): \(layer): \(reason)"
        case .tooLarge(let network, let bytes):
            "\(network): an input of this size needs \(bytes / 1_000_000) MB for activations"
        case .memoryLimit(let network, let needed, let limit):
            "\(network): needs at least \((needed + 999_999) / 1_000_000) MB of memory, and may use "
                + "\(max(limit, 0) / 1_000_000) MB"
        }
    }
}
