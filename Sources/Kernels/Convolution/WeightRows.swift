import Tensors

extension ConvolutionProblem {
    /// Hands the weights of a panel, those of `limit` indices from `first` on, to `store` with their index (input
    /// channel · taps + tap, inside the group) and lane, the output's place in the panel; a few indices of all lanes at a
    /// time, so that what is written stays in cache.
    @inline(__always)
    func packRows(
        of panel: Panel, from first: Int = 0, count limit: Int = .max,
        store: (_ index: Int, _ lane: Int, _ value: Float) -> Void
    ) {
        let count = shape.inputChannels / shape.groups * shape.kernelHeight * shape.kernelWidth
        let output = panel.firstBlock * 16
        let lanes = min(panel.blocks * 16, (panel.group + 1) * (shape.outputChannels / shape.groups) - output)
        let last = min(count, first + min(limit, count))
        switch weights {
        case .dense(let tensor):
            let source = tensor.floats.baseAddress! + output * count
            for start in stride(from: first, to: last, by: 16) {
                let end = min(start + 16, last)
                for lane in 0..<lanes {
                    let row = source + lane * count
                    for index in start..<end { store(index, lane, row[index]) }
                }
            }
        case .coded(let codes, _):
            // Some whole subvectors of all lanes at a time.
            let step = max(144 / codes.d, 1) * codes.d
            var start = first
            while start < last {
                let end = min(start / codes.d * codes.d + step, last)
                codes.decode(outputs: output..<output + lanes, columns: start..<end, store: store)
                start = end
            }
        }
    }

    /// Writes the weights of one panel and some blocks of input channels, [input channel][tap][blocks · 16], with zeros
    /// where a block has no channels.
    func decodeTaps(
        _ panel: Panel, _ blocks: Range<Int>, to target: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float> {
        let (width, depth) = (panel.blocks * 16, 16 * shape.kernelHeight * shape.kernelWidth)
        let (first, count) = (blocks.lowerBound * depth, blocks.count * depth)
        target.update(repeating: 0, count: count * width)
        packRows(of: panel, from: first, count: count) { index, lane, value in
            target[(index - first) * width + lane] = value
        }
        return UnsafePointer(target)
    }
}

extension ProductQuantized {
    /// Hands the weights of some rows and columns to `store` with their column and row, counted from the first row.
    @inline(__always)
    fileprivate func decode(
        outputs: Range<Int>, columns: Range<Int>, store: (_ column: Int, _ row: Int, _ value: Float) -> Void
    ) {
        switch codes {
        case .bytes(let values): values.withUnsafeBufferPointer { decode($0, outputs, columns, store) }
        case .words(let values): values.withUnsafeBufferPointer { decode($0, outputs, columns, store) }
        }
    }

    @inline(__always)
    private func decode<Code: FixedWidthInteger>(
        _ codes: UnsafeBufferPointer<Code>, _ outputs: Range<Int>, _ columns: Range<Int>,
        _ store: (Int, Int, Float) -> Void
    ) {
        let (d, count) = (d, subvectors)
        guard let first = codes.baseAddress, let centroids = codebook.floats.baseAddress else { return }
        let scales = rowScales?.floats
        let subvectors = columns.lowerBound / d..<(columns.upperBound + d - 1) / d
        let areWhole = columns.lowerBound % d == 0 && columns.upperBound % d == 0
        for output in outputs {
            let (row, lane, scale) = (first + output * count, output - outputs.lowerBound, scales?[output] ?? 1)
            /// With a constant `length` the loop over a subvector unrolls.
            @inline(__always) func whole(_ length: Int) {
                for j in subvectors {
                    let centroid = centroids + Int(truncatingIfNeeded: row[j]) * length
                    for i in 0..<length { store(j * length + i, lane, centroid[i] * scale) }
                }
            }
            switch areWhole ? d : 0 {
            case 4: whole(4)
            case 8: whole(8)
            case 9: whole(9)
            case 18: whole(18)
            default:
                for j in subvectors {
                    let centroid = centroids + Int(truncatingIfNeeded: row[j]) * d
                    for column in max(j * d, columns.lowerBound)..<min(j * d + d, columns.upperBound) {
                        store(column, lane, centroid[column - j * d] * scale)
                    }
                }
            }
        }
    }
}
