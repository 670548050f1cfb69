/// Why a block was not measured.
enum BlockError: Error, CustomStringConvertible {
    case unstableOutput
    case randomAccuracy
    case scenario
    case noOutput
    case impossibleTimes
    case cachedOutput
    case rememberedOutput(Double)
    case differentOutput(Float)

    var description: String {
        switch self {
        case .unstableOutput: "its output changed between inferences of the same input"
        case .randomAccuracy: "random weights have no accuracy, so the case may not name a data set"
        case .scenario: "other engines are measured one inference after another only"
        case .noOutput: "the engine left no output of the right size"
        case .impossibleTimes: "it did not give a time for each inference, or impossible ones"
        case .rememberedOutput(let ratio):
            "inputs that it had not seen take \((10 * ratio).rounded() / 10) times as long as the one that was timed"
        case .cachedOutput: "its output did not change with its input"
        case .differentOutput(let difference): "its output differs from the native engine's by \(difference) (relative)"
        }
    }
}
