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
            // A block of channels at a time stays in cache on its way.
            withUnsafeTemporaryAllocation(byteCount: 16 * 9 * width * 4, alignment: 64) { bytes in
                let taps = bytes.baseAddress!.assumingMemoryBound(to: Float.self)
                for channel in stride(from: 0, to: depth, by: 16) {
                    let first = channel * 9
                    taps.initialize(repeating: 0, count: 16 * 9 * width)
                    problem.packRows(of: panel, from: first, count: 16 * 9) { index, lane, value in
                        taps[(index - first) * width + lane] = value
                    }
                    kernels.transformWeights(
                        m, taps, 16, panel.blocks, target.base + panel.start + channel * width, depth * width)
                }
            }
        }
        return storage
    }

    /// The weights as they are, [panel][input channel in whole blocks][tap][blocks · 16].
    static func packTaps(_ problem: ConvolutionProblem, panels: [Panel], inputBlocks: Int) -> Storage {
        let storage = Storage(byteCount: panels.reduce(0) { $0 + $1.blocks } * inputBlocks * 16 * 9 * 64)
        let target = SharedFloats(base: storage.base.assumingMemoryBound(to: Float.self))
        DispatchQueue.concurrentPerform(iterations: panels.count) { index in
            let (place, width) = (target.base + panels[index].start, panels[index].blocks * 16)
            problem.packRows(of: panels[index]) { index, lane, value in place[index * width + lane] = value }
        }
        return storage
    }
}

extension ConvolutionProblem {
    /// Hands every weight of a panel, or those of `limit` indices from `first` on, to `store` with its index (input channel · taps + tap, inside the group) and its
    /// lane, the output's place in the panel; a few indices of all lanes at a time, so that what is written stays in
    /// cache.
    @inline(__always)
    func packRows(
        of panel: Panel, from first: Int = 0, count limit: Int = .max, store: (_ index: Int, _ lane: Int, _ value: Float) -> Void
    ) {
        let count = shape.inputChannels / shape.groups * shape.kernelHeight * shape.kernelWidth
        let output = panel.firstBlock * 16
        let lanes = min(panel.blocks * 16, (panel.group + 1) * (shape.outputChannels / shape.groups) - output)
        let source = weights.floats.baseAddress! + output * count
        let last = min(count, first + min(limit, count))
        for start in stride(from: first, to: last, by: 16) {
            let end = min(start + 16, last)
            for lane in 0..<lanes {
                let row = source + lane * count
                for index in start..<end { store(index, lane, row[index]) }
            }
        }
    }
}
