import Tensors

/// Product-quantized weights (PQF, arXiv 2010.15703, section 3): each row of the [outputs, inputs · kernel] matrix is
/// cut into subvectors of length d, and each subvector is a row of the layer's codebook.
package struct ProductQuantized: Sendable {
    package let shape: [Int]
    /// One code per subvector, row-major [outputs, subvectors per row].
    package let codes: Codes
    /// [k, d].
    package let codebook: Tensor
    /// A factor per output that its decoded row is multiplied by (a folded batch norm): [outputs].
    package let rowScales: Tensor?

    package enum Codes: Sendable {
        case bytes([UInt8])
        case words([UInt16])

        package var count: Int {
            switch self {
            case .bytes(let values): values.count
            case .words(let values): values.count
            }
        }
    }

    /// Every code must be below the codebook's number of rows, and the subvectors must fill the shape exactly.
    package init(shape: [Int], codes: Codes, codebook: Tensor, rowScales: Tensor? = nil) {
        precondition(codes.count * codebook.shape[1] == shape.reduce(1, *))
        precondition(rowScales.map { $0.count == shape[0] } ?? true)
        self.shape = shape
        self.codes = codes
        self.codebook = codebook
        self.rowScales = rowScales
    }

    /// Integers of 8 bits, one per weight, with a factor per output: codes 0 to 255 for −128 to 127.
    ///
    /// - Parameter integers: in two's complement.
    package init(shape: [Int], integers: [UInt8], rowScales: Tensor) {
        self.init(
            shape: shape, codes: .bytes(integers.map { $0 ^ 0x80 }), codebook: Self.integers, rowScales: rowScales)
    }

    private static let integers = Tensor(shape: [256, 1], (-128..<128).map { Float($0) })

    /// Whether the codes are integers of 8 bits, whose codebook needs no storing.
    package var isInteger: Bool { codebook.storage === Self.integers.storage }

    /// Bytes in memory.
    package var byteCount: Int {
        let codeBytes =
            switch codes {
            case .bytes(let values): values.count
            case .words(let values): 2 * values.count
            }
        return codeBytes + 4 * codebook.count + 4 * (rowScales?.count ?? 0)
    }

    package func decoded() -> Tensor {
        let d = codebook.shape[1]
        func gather(_ codes: [some FixedWidthInteger], into target: UnsafeMutablePointer<Float>) {
            let source = codebook.floats.baseAddress!
            codes.withUnsafeBufferPointer { codes in
                var place = target
                for code in codes {
                    let row = source + Int(truncatingIfNeeded: code) * d
                    for j in 0..<d { place[j] = row[j] }
                    place += d
                }
            }
        }
        return Tensor(shape: shape) { target in
            guard let start = target.baseAddress else { return }
            switch codes {
            case .bytes(let values): gather(values, into: start)
            case .words(let values): gather(values, into: start)
            }
            guard let rowScales else { return }
            let columns = target.count / shape[0]
            for (row, factor) in rowScales.floats.enumerated() {
                let line = start + row * columns
                for i in 0..<columns { line[i] *= factor }
            }
        }
    }
}

extension ProductQuantized {
    /// Of the matrix [outputs, inputs · kernel].
    var outputs: Int { shape[0] }
    var columns: Int { shape.dropFirst().reduce(1, *) }
    /// Elements of a subvector, and subvectors of a row.
    var d: Int { codebook.shape[1] }
    var subvectors: Int { columns / d }
}
