import Engine
import Tensors

extension Network {
    /// The largest difference of the outputs from those of `other`, relative to the largest of them, on seeded noise.
    package func largestDifference(
        from other: Network, threads: Int, seed: UInt64
    ) throws(CompressionError) -> Float {
        let input = Tensor.normal(shape: [1, inputChannels] + inputSize, seed: seed)
        // The direct method rounds least.
        let options = PlanOptions(threads: threads, algorithm: .direct)
        do {
            let own = try Plan(fused(), inputShape: input.shape, options: options).run(input)
            let reference = try Plan(other.fused(), inputShape: input.shape, options: options).run(input)
            return own.largestRelativeDifference(from: reference)
        } catch let error as EngineError {
            throw .engine(error)
        } catch {
            preconditionFailure("a plan throws EngineError alone")
        }
    }
}
