import Dispatch
import Tensors

/// The weights of Winograd's algorithm: G · w · Gᵀ for each pair of channels, computed in float64 and rounded once.
enum WinogradWeights {
    /// G of F(m, 3), [m + 2][3], for the points of `KernelSources/WinogradSchemes.swift`.
    static func matrix(m: Int) -> [[Double]] {
        switch m {
        case 2: [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]]
        case 4:
            [
                [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6],
                [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
            ]
        default:
            [
                [1, 0, 0], [-2 / 9, -2 / 9, -2 / 9], [-2 / 9, 2 / 9, -2 / 9], [1 / 90, 1 / 45, 2 / 45],
                [1 / 90, -1 / 45, 2 / 45], [1 / 45, 1 / 90, 1 / 180], [1 / 45, -1 / 90, 1 / 180], [0, 0, 1],
            ]
        }
    }

    /// [panel][frequency][input channel in whole blocks][blocks · 16].
    static func pack(_ problem: ConvolutionProblem, m: Int, panels: [Panel], inputBlocks: Int) -> Storage {
        let n = m + 2
        let g = matrix(m: m).flatMap(\.self)
        let inputs = problem.shape.inputChannels / problem.shape.groups
        let outputsPerGroup = problem.shape.outputChannels / problem.shape.groups
        let depth = inputBlocks * 16
        let storage = Storage(byteCount: panels.reduce(0) { $0 + $1.blocks } * n * n * depth * 64)
        let target = SharedFloats(base: storage.base.assumingMemoryBound(to: Float.self))
        let weights = problem.weights
        DispatchQueue.concurrentPerform(iterations: panels.count * inputs) { part in
            let (panel, channel) = (panels[part / inputs], part % inputs)
            let width = panel.blocks * 16
            g.withUnsafeBufferPointer { g in
                withUnsafeTemporaryAllocation(of: Double.self, capacity: n * 3) { half in
                    for lane in 0..<width {
                        let output = panel.firstBlock * 16 + lane
                        guard output < (panel.group + 1) * outputsPerGroup else { continue }
                        let w = weights.floats.baseAddress! + (output * inputs + channel) * 9
                        for row in 0..<n {
                            for column in 0..<3 {
                                half[row * 3 + column] =
                                    g[row * 3] * Double(w[column]) + g[row * 3 + 1] * Double(w[3 + column])
                                    + g[row * 3 + 2] * Double(w[6 + column])
                            }
                        }
                        for row in 0..<n {
                            for column in 0..<n {
                                let value =
                                    half[row * 3] * g[column * 3] + half[row * 3 + 1] * g[column * 3 + 1]
                                    + half[row * 3 + 2] * g[column * 3 + 2]
                                let place = panel.start + ((row * n + column) * depth + channel) * width + lane
                                target.base[place] = Float(value)
                            }
                        }
                    }
                }
            }
        }
        return storage
    }

    /// The weights as they are, [panel][input channel in whole blocks][tap][blocks · 16].
    static func packTaps(_ problem: ConvolutionProblem, panels: [Panel], inputBlocks: Int) -> Storage {
        let inputs = problem.shape.inputChannels / problem.shape.groups
        let outputsPerGroup = problem.shape.outputChannels / problem.shape.groups
        let storage = Storage(byteCount: panels.reduce(0) { $0 + $1.blocks } * inputBlocks * 16 * 9 * 64)
        let target = storage.base.assumingMemoryBound(to: Float.self)
        let source = problem.weights.floats
        for panel in panels {
            let width = panel.blocks * 16
            for lane in 0..<width {
                let output = panel.firstBlock * 16 + lane
                guard output < (panel.group + 1) * outputsPerGroup else { continue }
                for index in 0..<inputs * 9 {
                    target[panel.start + index * width + lane] = source[output * inputs * 9 + index]
                }
            }
        }
        return storage
    }
}
