/// The ways to compute a convolution. All read and write blocked activations, and agree up to rounding.
package enum ConvolutionAlgorithm: String, Codable, CaseIterable, Sendable {
    /// Plain loops: what the others are tested against.
    case reference
    /// im2col and OpenBLAS's sgemm.
    case openblas
    /// Packed implicit matrix product with register tiles; also reads a planar input of few channels.
    case direct
    /// Winograd F(2×2, 3×3), F(4×4, 3×3) and F(6×6, 3×3) (arXiv 1509.09308).
    case winograd2, winograd4, winograd6
    /// F(4×4, 3×3) that keeps the weights as they are, and transforms a cache's worth at a time as it runs: a quarter of
    /// the memory, and of the bytes read.
    case winograd4Streamed = "winograd4-streamed"

    /// The output tile of a Winograd algorithm.
    var winogradTile: Int? {
        switch self {
        case .winograd2: 2
        case .winograd4, .winograd4Streamed: 4
        case .winograd6: 6
        default: nil
        }
    }

    /// Whether it can compute this shape; `planarInput`: from a planar N×C×H×W input.
    package func supports(_ shape: ConvolutionShape, planarInput: Bool) -> Bool {
        switch self {
        case .reference, .openblas: true
        case .direct: !planarInput || (shape.groups == 1 && shape.inputChannels <= 8)
        case .winograd2, .winograd4, .winograd6, .winograd4Streamed:
            !planarInput && shape.kernelHeight == 3 && shape.kernelWidth == 3 && shape.stride == 1 && shape.padding == 1
                && (shape.groups == 1 || shape.hasWholeGroups)
        }
    }
}
