import Engine
import Measurement
import Tensors

/// What a worker times: a plan that classifies, an upsampler, or the preparation of images.
enum Workload {
    case plan(Plan)
    case upsampler(Upsampler)
    case preparation(ImagePreparation)

    /// - Parameter scale: of the output of an upsampling network.
    init(_ network: consuming Network, shape: [Int], scale: Double?, options: PlanOptions) throws {
        guard network.decoder != nil else {
            self = .plan(try Plan(network, inputShape: shape, options: options))
            return
        }
        guard shape[0] == 1 else { throw WorkerError.batchedUpsampling }
        let output = shape[2...].map { Int((Double($0) * (scale ?? 4)).rounded()) }
        self = .upsampler(
            try Upsampler(network, inputSize: Array(shape[2...]), outputSize: output, options: options))
    }

    var layers: [LayerReport] {
        switch self {
        case .plan(let plan): plan.layers
        case .upsampler(let upsampler): upsampler.layers
        case .preparation: []
        }
    }

    var multiplyAdds: Int {
        let layers = layers.reduce(0) { $0 + $1.multiplyAdds }
        guard case .upsampler(let upsampler) = self else { return layers }
        return layers + upsampler.decoderMultiplyAdds
    }

    var weightBytes: Int {
        switch self {
        case .plan(let plan): plan.weightBytes
        case .upsampler(let upsampler): upsampler.weightBytes
        case .preparation: 0
        }
    }

    var activationBytes: Int {
        switch self {
        case .plan(let plan): plan.activationBytes
        case .upsampler(let upsampler): upsampler.activationBytes
        case .preparation: 0
        }
    }

    var outputShape: [Int] {
        switch self {
        case .plan(let plan): plan.outputShape
        case .upsampler(let upsampler): [3] + upsampler.outputSize
        case .preparation(let preparation): preparation.outputShape
        }
    }

    /// Runs once; returns the seconds of an upsampler's phases.
    func run(
        _ input: Tensor, output: UnsafeMutableBufferPointer<Float>, clock: MonotonicClock
    ) -> Upsampler.Phases? {
        switch self {
        case .plan(let plan):
            plan.run(input: input.floats, output: output)
            return nil
        case .upsampler(let upsampler):
            return upsampler.run(input, output: output, clock: clock.now)
        case .preparation(let preparation):
            preparation.run(output: output)
            return nil
        }
    }

    func run(_ input: Tensor) -> Tensor {
        Tensor(shape: outputShape) { _ = run(input, output: $0, clock: MonotonicClock()) }
    }
}
