import Engine

/// Why a network cannot be compressed; its text is one line.
package enum CompressionError: Error, CustomStringConvertible {
    case invalid(setting: String, reason: String)
    /// A layer that the settings name is not there.
    case unknownLayer(String, network: String, known: [String])
    /// A layer has weights that are no numbers.
    case notFinite(network: String, layer: String)
    /// A step that must leave the function unchanged did not.
    case changedFunction(network: String, step: String, difference: Float)
    case engine(EngineError)
    case interrupted

    package var description: String {
        switch self {
        case .invalid(let setting, let reason): "\(setting): \(reason)"
        case .unknownLayer(let name, let network, let known):
            "\(network) has no layer '\(name)'; it has \(known.joined(separator: ", "))"
        case .notFinite(let network, let layer): "\(network): \(layer) has weights that are infinite or not a number"
        case .changedFunction(let network, let step, let difference):
            "\(network): \(step) changed the output by \(difference) (relative), which is a bug; nothing was written"
        case .engine(let error): error.description
        case .interrupted: "interrupted"
        }
    }
}
