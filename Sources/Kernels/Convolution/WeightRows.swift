import Tensors

extension ConvolutionProblem {
    /// Hands every weight of a panel, or those of `limit` indices from `first` on, to `store` with its index (input channel · taps + tap, inside the group) and its
    /// lane, the output's place in the panel; a few indices of all lanes at a time, so that what is written stays in
    /// cache.
    @inline(__always)
    func packRows(
        of panel: Panel, from first: Int = 0, count limit: Int = .max,
        store: (_ index: Int, _ lane: Int, _ value: Float) -> Void
    ) {
        if let coded { return coded.unpackRows(of: panel, store: store) }
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

extension ProductQuantized {
    /// The same from codes, decoded one by one.
    @inline(__always)
    func unpackRows(of panel: Panel, store: (_ index: Int, _ lane: Int, _ value: Float) -> Void) {
        switch codes {
        case .bytes(let values): values.withUnsafeBufferPointer { unpack($0, panel, store) }
        case .words(let values): values.withUnsafeBufferPointer { unpack($0, panel, store) }
        }
    }

    @inline(__always)
    private func unpack<Code: FixedWidthInteger>(
        _ codes: UnsafeBufferPointer<Code>, _ panel: Panel, _ store: (Int, Int, Float) -> Void
    ) {
        let (d, count) = (d, subvectors)
        guard let first = codes.baseAddress, let centroids = codebook.floats.baseAddress else { return }
        let scales = rowScales?.floats
        for lane in 0..<min(panel.blocks * 16, outputs - panel.firstBlock * 16) {
            let output = panel.firstBlock * 16 + lane
            let row = first + output * count
            let scale = scales?[output] ?? 1
            for j in 0..<count {
                let centroid = centroids + Int(row[j]) * d
                for i in 0..<d { store(j * d + i, lane, centroid[i] * scale) }
            }
        }
    }
}
