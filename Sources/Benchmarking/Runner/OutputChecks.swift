import Foundation
import Interchange
import Tensors

/// Whether another engine really computes what it is timed for.
extension BlockRunner {
    /// Finds out whether the engine still looks at its input after the measurement: a second one must give what the
    /// native engine gives, and the fastest of some that it has not seen must not take much longer than the `median` of
    /// the timed one (as LoadGen's tests TEST01 and TEST04 ask of MLPerf's submissions). Prepared images have no second
    /// input, and a build of before this check writes none.
    func checkOtherInputs(
        _ process: EngineProcess, folder: String, engine: String, median: Double
    ) async throws {
        let (input, reference) = ("\(folder)/check_input.safetensors", "\(folder)/check_output.safetensors")
        guard FileManager.default.fileExists(atPath: input) else { return }
        let (first, output) = ("\(folder)/\(engine).safetensors", "\(folder)/\(engine).check.safetensors")
        let count = Int(min(max(0.02 / median, 3), 50))
        let checked: ContenderTimes = try await process.ask(
            ContenderCheck(input: input, output: output, count: count), timeout: options.timeout)
        do {
            try check(output, against: reference)
        } catch BlockError.differentOutput(let distance) {
            let unchanged = try difference(of: output, from: first) <= Self.tolerance
            throw unchanged ? BlockError.cachedOutput : .differentOutput(distance)
        }
        guard checked.seconds.count == count, let fastest = checked.seconds.min() else {
            throw BlockError.impossibleTimes
        }
        guard fastest <= Self.slowest * median else { throw BlockError.rememberedOutput(fastest / median) }
    }

    /// Of an unseen input's time to the timed one's: far more than noise, far less than remembering saves.
    private static let slowest = 5.0
    /// Relative, of another engine's output.
    private static let tolerance: Float = 1e-3

    func check(_ output: String, against reference: String) throws {
        let difference = try self.difference(of: output, from: reference)
        guard difference <= Self.tolerance else { throw BlockError.differentOutput(difference) }
    }

    private func difference(of output: String, from reference: String) throws -> Float {
        guard let theirs = try Checkpoint.read(output).tensors.values.first?.floats(),
            let ours = try Checkpoint.read(reference).tensors.values.first?.floats(), theirs.count == ours.count
        else { throw BlockError.noOutput }
        return theirs.largestRelativeDifference(from: ours)
    }
}
