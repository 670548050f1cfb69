/// Why a network cannot be run as asked.
package enum EngineError: Error, CustomStringConvertible {
    /// The input does not fit the network, or a layer does not fit what it reads.
    case shape(layer: String, reason: String)
    /// More memory would be needed than is sensible.
    case tooLarge(bytes: Int)

    package var description: String {
        switch self {
        case .shape(let layer, let reason): "layer \(layer): \(reason)"
        case .tooLarge(let bytes): "this input would need \(bytes / 1_000_000) MB for its activations"
        }
    }
}
