/// Why a network cannot be run; its text is one line.
package enum EngineError: Error, CustomStringConvertible {
    /// A layer cannot take the input that it would get.
    case doesNotFit(network: String, layer: String, reason: String)

    package var description: String {
        switch self {
        case .doesNotFit(let network, let layer, let reason): "\(network): \(layer): \(reason)"
        }
    }
}
