import Engine
import Tensors

extension Network {
    /// The largest difference of the outputs from those of `other`, relative to the largest of them, on seeded noise; of
    /// an upsampling network those at scale 2.
    package func largestDifference(
        from other: Network, threads: Int, seed: UInt64
    ) throws(CompressionError) -> Float {
        let input = Tensor.normal(shape: [1, inputChannels] + inputSize, seed: seed)
        // The direct method rounds least.
        let options = PlanOptions(threads: threads, algorithm: .direct)
        do {
            func output(_ network: Network) throws -> Tensor {
                guard network.decoder != nil else {
                    return try Plan(network.fused(), inputShape: input.shape, options: options).run(input)
                }
                return try Upsampler(
                    network.rolled().fused(), inputSize: inputSize, outputSize: inputSize.map { 2 * $0 },
                    options: options
                ).run(input)
            }
            let (own, reference) = (try output(self), try output(other))
            return own.largestRelativeDifference(from: reference)
        } catch let error as EngineError {
            throw .engine(error)
        } catch {
            preconditionFailure("a plan throws EngineError alone")
        }
    }
}
