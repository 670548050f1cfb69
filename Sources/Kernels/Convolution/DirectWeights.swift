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
    /// Floats that `pack` works in: a block of input channels of the largest panel.
    let scratchFloats: Int
    private let shape: ConvolutionShape
    private let problem: ConvolutionProblem

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
            depth: segments * depth, kernels: problem.kernels, threads: problem.threads)
        scratchFloats = (panels.map(\.blocks).max() ?? 0) * 256 * shape.kernelHeight * shape.kernelWidth
        self.problem = problem
        storage = Storage(
            byteCount: problem.weights.areKeptCoded ? 0 : panels.reduce(0) { $0 + $1.blocks } * segments * depth * 64)
        guard !problem.weights.areKeptCoded else { return }
        let target = SharedFloats(base: storage.base.assumingMemoryBound(to: Float.self))
        let (panels, packed) = (panels, self)
        DispatchQueue.concurrentPerform(iterations: panels.count) { number in
            let scratch = UnsafeMutablePointer<Float>.allocate(capacity: packed.scratchFloats)
            defer { scratch.deallocate() }
            packed.pack(panels[number], to: target.base + panels[number].start, scratch: scratch)
        }
    }

    /// Writes one panel's weights, [segment][depth][blocks · 16], by way of `scratch`, which has `scratchFloats`.
    func pack(_ panel: Panel, to target: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>) {
        let (width, taps) = (panel.blocks * 16, shape.kernelHeight * shape.kernelWidth)
        if problem.planarInput {
            // Segments are rows of taps in the order of the weights.
            problem.packRows(of: panel) { index, lane, value in target[index * width + lane] = value }
        } else {
            // In the order of the weights, then row by row to their places: two short ways instead of one long one.
            for block in 0..<segments / taps {
                let rows = problem.decodeTaps(panel, block..<block + 1, to: scratch)
                for channel in 0..<16 {
                    for tap in 0..<taps {
                        (target + ((block * taps + tap) * 16 + channel) * width)
                            .update(from: rows + (channel * taps + tap) * width, count: width)
                    }
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
