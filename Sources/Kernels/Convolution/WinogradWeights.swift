import Dispatch
import Tensors

/// The weights of Winograd's algorithm: G · w · Gᵀ for each pair of channels.
enum WinogradWeights {
    /// [panel][frequency][input channel in whole blocks][blocks · 16].
    static func pack(_ problem: ConvolutionProblem, m: Int, panels: [Panel], inputBlocks: Int) -> Storage {
        let frequencies = (m + 2) * (m + 2)
        let depth = inputBlocks * 16
        let storage = Storage(byteCount: panels.reduce(0) { $0 + $1.blocks } * frequencies * depth * 64)
        let target = SharedFloats(base: storage.base.assumingMemoryBound(to: Float.self))
        let kernels = problem.kernels
        DispatchQueue.concurrentPerform(iterations: panels.count) { index in
            let panel = panels[index]
            let width = panel.blocks * 16
            let taps = Storage(byteCount: depth * 9 * width * 4)
            let packed = taps.base.assumingMemoryBound(to: Float.self)
            packTaps(problem, panel, to: packed)
            kernels.transformWeights(
                m, packed, depth, panel.blocks, target.base + panel.start, depth * width)
        }
        return storage
    }

    /// The weights as they are, [panel][input channel in whole blocks][tap][blocks · 16].
    static func packTaps(_ problem: ConvolutionProblem, panels: [Panel], inputBlocks: Int) -> Storage {
        let storage = Storage(byteCount: panels.reduce(0) { $0 + $1.blocks } * inputBlocks * 16 * 9 * 64)
        let target = SharedFloats(base: storage.base.assumingMemoryBound(to: Float.self))
        DispatchQueue.concurrentPerform(iterations: panels.count) { index in
            packTaps(problem, panels[index], to: target.base + panels[index].start)
        }
        return storage
    }

    private static func packTaps(_ problem: ConvolutionProblem, _ panel: Panel, to target: UnsafeMutablePointer<Float>) {
        let width = panel.blocks * 16
        problem.packRows(of: panel) { index, lane, value in target[index * width + lane] = value }
    }
}

extension ConvolutionProblem {
    /// Hands every weight of a panel to `store` with its index (input channel · taps + tap, inside the group) and its
    /// lane, the output's place in the panel; a few indices of all lanes at a time, so that what is written stays in
    /// cache.
    @inline(__always)
    func packRows(of panel: Panel, store: (_ index: Int, _ lane: Int, _ value: Float) -> Void) {
        let count = shape.inputChannels / shape.groups * shape.kernelHeight * shape.kernelWidth
        let first = panel.firstBlock * 16
        let lanes = min(panel.blocks * 16, (panel.group + 1) * (shape.outputChannels / shape.groups) - first)
        let source = weights.floats.baseAddress! + first * count
        for start in stride(from: 0, to: count, by: 16) {
            let end = min(start + 16, count)
            for lane in 0..<lanes {
                let row = source + lane * count
                for index in start..<end { store(index, lane, row[index]) }
            }
        }
    }
}
