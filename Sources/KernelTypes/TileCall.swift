/// One product of a register tile: `rows` pixels times `blocks` blocks of 16 output channels.
///
/// The inner dimension is a list of segments of `depth` consecutive numbers; segment `s` of row `r` starts at
/// `input + offsets[s] + r · rowStride`. Weights are packed [segment][depth][blocks · 16].
package struct TileCall {
    package var input: UnsafePointer<Float>
    package var offsets: UnsafePointer<Int>
    package var segments: Int
    package var depth: Int
    /// In floats, between the pixels of the tile.
    package var rowStride: Int
    package var weights: UnsafePointer<Float>
    /// Row `r` of block `b` is at `output + b · blockStride + r · 16`.
    package var output: UnsafeMutablePointer<Float>
    package var blockStride: Int
    /// [blocks · 16]; nil for a bare product.
    package var bias: UnsafePointer<Float>?
    /// Added before the activation; laid out like the output.
    package var residual: UnsafePointer<Float>?
    package var relu: Bool
    /// Adds to what the output holds, instead of setting it.
    package var accumulates = false
    /// Weights to ask for meanwhile, and how many floats of them at each step. Weights that come from memory are asked
    /// for evenly over all products that use the ones before them, or the first of these would wait for memory while
    /// memory would rest during the others.
    package var upcoming: UnsafePointer<Float>
    package var upcomingStep = 0
    /// How far ahead of a product weights are asked for that are in the second-level cache, in floats.
    package static let cachedDistance = 4096

    package init(
        input: UnsafePointer<Float>, offsets: UnsafePointer<Int>, segments: Int, depth: Int, rowStride: Int,
        weights: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, blockStride: Int,
        bias: UnsafePointer<Float>? = nil, residual: UnsafePointer<Float>? = nil, relu: Bool = false
    ) {
        self.input = input
        self.offsets = offsets
        self.segments = segments
        self.depth = depth
        self.rowStride = rowStride
        self.weights = weights
        self.output = output
        self.blockStride = blockStride
        self.bias = bias
        self.residual = residual
        self.relu = relu
        upcoming = weights
    }
}
