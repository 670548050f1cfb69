import Tensors

/// Weights in the order in which the direct kernel streams them: [panel][segment][depth][blocks · 16].
///
/// A segment is 16 input channels under one tap, or for planar input one row of taps of one channel.
struct DirectWeights {
    let panels: [Panel]
    let storage: Storage
    let segments: Int
    let depth: Int
    private let shape: ConvolutionShape

    init(_ problem: ConvolutionProblem) {
        let shape = problem.shape
        let planar = problem.planarInput
        let inputs = shape.inputChannels / shape.groups
        let blocks = Blocked.count(inputs)
        self.shape = shape
        depth = planar ? shape.kernelWidth : 16
        segments = planar ? inputs * shape.kernelHeight : blocks * shape.kernelHeight * shape.kernelWidth
        panels = Panel.all(
            groups: shape.groups, blocksPerGroup: Blocked.count(shape.outputChannels / shape.groups),
            depth: segments * depth, kernels: problem.kernels, cached: true)
        storage = Storage(byteCount: panels.reduce(0) { $0 + $1.blocks } * segments * depth * 64)
        let source = problem.weights.floats
        let target = storage.base.assumingMemoryBound(to: Float.self)
        let outputsPerGroup = shape.outputChannels / shape.groups
        for panel in panels {
            var place = target + panel.start
            for segment in 0..<segments {
                for step in 0..<depth {
                    let (channel, ky, kx) = Self.tap(shape, segment: segment, step: step, planar: planar)
                    for lane in 0..<panel.blocks * 16 {
                        let output = panel.firstBlock * 16 + lane
                        if channel < inputs, output < (panel.group + 1) * outputsPerGroup {
                            let row = (output * inputs + channel) * shape.kernelHeight + ky
                            place[lane] = source[row * shape.kernelWidth + kx]
                        }
                    }
                    place += panel.blocks * 16
                }
            }
        }
    }

    /// The input channel (inside its group) and the tap of a step of a segment.
    private static func tap(
        _ shape: ConvolutionShape, segment: Int, step: Int, planar: Bool
    ) -> (channel: Int, ky: Int, kx: Int) {
        if planar { return (segment / shape.kernelHeight, segment % shape.kernelHeight, step) }
        let taps = shape.kernelHeight * shape.kernelWidth
        let tap = segment % taps
        return (segment / taps * 16 + step, tap / shape.kernelWidth, tap % shape.kernelWidth)
    }

    /// Where each segment starts, relative to a tile's first pixel, in floats.
    func offsets(planeStride: Int, paddedWidth: Int, planar: Bool) -> Storage {
        let storage = Storage(byteCount: segments * MemoryLayout<Int>.stride)
        let target = storage.base.assumingMemoryBound(to: Int.self)
        for segment in 0..<segments {
            let (channel, ky, kx) = Self.tap(shape, segment: segment, step: 0, planar: planar)
            target[segment] =
                planar
                ? channel * planeStride + ky * paddedWidth
                : channel / 16 * planeStride + (ky * paddedWidth + kx) * 16
        }
        return storage
    }
}
