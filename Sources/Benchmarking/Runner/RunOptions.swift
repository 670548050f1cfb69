import Engine
import Kernels
import Measurement

/// How a suite is measured.
package struct RunOptions: Sendable {
    /// Processes per case; with fewer than five, `compare` misses slowdowns of 3 %.
    package var blocks = 5
    /// Sampling per case, over all its blocks.
    package var maxSeconds = 6.0
    /// A block ends early once the median's 95 % interval is within ± this fraction of it.
    package var precision = 0.002
    package var minimumSamples = 8
    package var warmupSeconds = 2.0
    package var seed: UInt64 = 1
    package var isa = ISA.best
    package var algorithm: ConvolutionAlgorithm?
    /// Measure which algorithm is fastest here, or take what the cache says.
    package var tune = false
    package var lowMemory = false
    /// When product-quantized weights are decoded; nil: as the suite says.
    package var decode: Decode?
    /// Cases of an earlier run by id, whose algorithms and decoding are taken again.
    package var recorded: [String: CaseRecord] = [:]
    /// Time the layers and the way of images too, once a case.
    package var details = true
    /// The processors that cases are confined to, such as `0-3,6`; nil: all.
    package var pin: String?
    /// Added to the priority of cases; more is less urgent.
    package var nice: Int?
    /// Seconds that a single answer of a case's process may take.
    package var timeout = 600.0

    package init() {}

    /// One short block per case.
    package static var quick: RunOptions {
        var options = RunOptions()
        (options.blocks, options.maxSeconds, options.precision, options.warmupSeconds) = (1, 1, 0.02, 0.5)
        return options
    }
}

/// How far a run is.
package struct RunProgress: Sendable {
    package let done: Int
    package let total: Int
    package let current: String
    package let elapsed: Double

    /// `[12/33] repvgg-a0-fused, about 1:05 left`.
    package var text: String {
        var text = "[\(done)/\(total)] \(current)"
        if done > 0 {
            let left = Int(elapsed / Double(done) * Double(total - done))
            text += ", about \(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60) left"
        }
        return text
    }
}
