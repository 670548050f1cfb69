import Dispatch
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
        let target = SharedFloats(base: storage.base.assumingMemoryBound(to: Float.self))
        let (panels, taps) = (panels, shape.kernelHeight * shape.kernelWidth)
        DispatchQueue.concurrentPerform(iterations: panels.count) { number in
            let panel = panels[number]
            let (place, width) = (target.base + panel.start, panel.blocks * 16)
            if planar {
                // Segments are rows of taps in the order of the weights.
                problem.packRows(of: panel) { index, lane, value in place[index * width + lane] = value }
            } else {
                problem.packRows(of: panel) { index, lane, value in
                    let (channel, tap) = index.quotientAndRemainder(dividingBy: taps)
                    place[((channel / 16 * taps + tap) * 16 + channel % 16) * width + lane] = value
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
