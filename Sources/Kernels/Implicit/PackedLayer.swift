import KernelTypes
import Tensors

/// A fully connected layer for many points at once, as register tiles over [blocks][points][16].
struct PackedLayer: Sendable {
    let outputBlocks: Int
    let byteCount: Int
    private let weights: DirectWeights
    private let bias: Storage
    private let offsets: Storage
    private let stride: Int
    private let relu: Bool
    private let kernels: KernelTable

    /// - Parameters:
    ///   - weights: [outputs, inputs].
    ///   - capacity: the points between two blocks of inputs and of outputs.
    init(weights tensor: Tensor, bias: Tensor?, relu: Bool, capacity: Int, kernels: KernelTable) {
        let (outputs, inputs) = (tensor.shape[0], tensor.shape[1])
        let problem = ConvolutionProblem(
            shape: ConvolutionShape(
                batch: 1, inputChannels: inputs, height: 1, width: capacity, outputChannels: outputs, kernelHeight: 1,
                kernelWidth: 1, stride: 1, padding: 0, groups: 1),
            weights: .dense(tensor.reshaped([outputs, inputs, 1, 1])), bias: bias, relu: relu, planarInput: false,
            kernels: kernels, threads: 1)
        weights = DirectWeights(problem)
        self.bias = problem.paddedBias
        self.relu = relu
        self.kernels = kernels
        stride = capacity * 16
        offsets = weights.offsets(planeStride: stride, paddedWidth: capacity, planar: false)
        outputBlocks = Blocked.count(outputs)
        byteCount = weights.storage.byteCount + self.bias.byteCount
    }

    func run(_ points: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>) {
        let panelWeights = UnsafePointer(weights.storage.base.assumingMemoryBound(to: Float.self))
        let panelBias = UnsafePointer(bias.base.assumingMemoryBound(to: Float.self))
        var call = TileCall(
            input: input, offsets: UnsafePointer(offsets.base.assumingMemoryBound(to: Int.self)),
            segments: weights.segments, depth: weights.depth, rowStride: 16, weights: panelWeights, output: output,
            blockStride: stride, bias: panelBias, relu: relu)
        for panel in weights.panels {
            call.weights = panelWeights + panel.start
            call.upcoming = call.weights + TileCall.cachedDistance
            call.upcomingStep = panel.blocks * 16
            call.bias = panelBias + panel.firstBlock * 16
            let target = output + panel.firstBlock * stride
            let pieces = (points + kernels.tileRows[panel.blocks] - 1) / kernels.tileRows[panel.blocks]
            for piece in 0..<pieces {
                let (first, end) = (points * piece / pieces, points * (piece + 1) / pieces)
                call.input = input + first * 16
                call.output = target + first * 16
                kernels.multiplyTile(end - first, panel.blocks, call)
            }
        }
    }
}
