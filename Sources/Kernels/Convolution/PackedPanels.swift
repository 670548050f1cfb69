import Tensors

/// Which blocks of output channels a register tile computes at once, and where their weights are.
struct Panel {
    /// The first block of 16 output channels, and how many.
    let firstBlock: Int
    let blocks: Int
    /// The group that the panel belongs to.
    let group: Int
    /// In floats, of the panel's weights.
    let start: Int

    /// The panels of every group, each with at most as many blocks as a tile has, and `depth` weights per output; where
    /// they are many, in a number that `threads` share evenly.
    static func all(groups: Int, blocksPerGroup: Int, depth: Int, kernels: KernelTable, threads: Int) -> [Panel] {
        let limit = kernels.tileRows.count - 1
        // Three blocks leave room for eight rows, which is where a tile needs the fewest loads.
        let width = limit >= 4 && (blocksPerGroup % 3 == 0 || blocksPerGroup > 8) ? 3 : limit
        var panels: [Panel] = []
        var start = 0
        for group in 0..<groups {
            for run in evenRuns(blocksPerGroup, atMost: width, threads: blocksPerGroup >= 16 ? threads : 1) {
                panels.append(
                    Panel(
                        firstBlock: group * blocksPerGroup + run.lowerBound, blocks: run.count, group: group,
                        start: start))
                start += depth * run.count * 16
            }
        }
        return panels
    }
}

/// Memory that several threads write disjoint parts of.
package struct SharedFloats: @unchecked Sendable {
    package let base: UnsafeMutablePointer<Float>

    package init(base: UnsafeMutablePointer<Float>) { self.base = base }
}
