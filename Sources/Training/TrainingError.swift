import Engine
import Images
import Interchange

/// Why a network cannot be fine-tuned; its text is one line.
package enum TrainingError: Error, CustomStringConvertible {
    case invalid(setting: String, reason: String)
    /// The data set does not fit the network.
    case dataset(folder: String, reason: String)
    case image(ImageError)
    /// A state file that is of another run, or damaged.
    case state(file: String, reason: String)
    case checkpoint(CheckpointError)
    case engine(EngineError)
    /// The loss is no number any more.
    case diverged(step: Int)

    package var description: String {
        switch self {
        case .invalid(let setting, let reason): "\(setting): \(reason)"
        case .dataset(let folder, let reason): "\(folder): \(reason)"
        case .image(let error): error.description
        case .state(let file, let reason): "\(file): \(reason)"
        case .checkpoint(let error): error.description
        case .engine(let error): error.description
        case .diverged(let step): "the loss is infinite or no number after step \(step); a lower learning rate may help"
        }
    }
}
