import Tensors

/// Product-quantized weights as the kernels take them: each row of the matrix [outputs, columns] is cut into subvectors,
/// each a row of the codebook (PQF, arXiv 2010.15703, section 3).
package struct CodedWeights: Sendable {
    package enum Codes: Sendable {
        case bytes([UInt8])
        case words([UInt16])
    }

    /// Row-major [outputs, columns / d].
    package let codes: Codes
    /// [k, d].
    package let codebook: Tensor
    /// A factor per output.
    package let rowScales: Tensor?
    package let outputs: Int
    package let columns: Int

    package init(codes: Codes, codebook: Tensor, rowScales: Tensor?, outputs: Int, columns: Int) {
        self.codes = codes
        self.codebook = codebook
        self.rowScales = rowScales
        self.outputs = outputs
        self.columns = columns
    }

    /// Bytes in memory.
    var byteCount: Int {
        let codeBytes =
            switch codes {
            case .bytes(let values): values.count
            case .words(let values): 2 * values.count
            }
        return codeBytes + 4 * (codebook.count + (rowScales?.count ?? 0))
    }

    var d: Int { codebook.shape[1] }
    var subvectors: Int { columns / d }
}
