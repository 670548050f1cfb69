import Tensors

/// LIIF's decoder (Chen et al., arXiv 2012.09161; yinboc/liif, models/liif.py): an MLP with ReLU between its layers that
/// gives the colour at a point from the features of the nearest pixel and the point's offset from it.
///
/// The first layer reads [features | offset y, x | cell height, width]: offsets and cells in units in which a pixel of
/// the feature map is 2 wide.
package struct ImplicitDecoder: Sendable {
    /// In order, with their parameters' names.
    package var layers: [(name: String, linear: Linear)]
    /// Channels of the feature map.
    package var features: Int
    /// The first layer reads the 3×3 neighbourhood of the pixel, features · 9 numbers [channel][y][x].
    package var unfolds: Bool
    /// The answers of the four nearest pixels are blended, each by the area of the rectangle that the point spans with
    /// the opposite one.
    package var ensembles: Bool
    /// The first layer reads the size of an output pixel.
    package var decodesCell: Bool

    package init(
        layers: [(name: String, linear: Linear)], features: Int, unfolds: Bool, ensembles: Bool, decodesCell: Bool
    ) {
        self.layers = layers
        self.features = features
        self.unfolds = unfolds
        self.ensembles = ensembles
        self.decodesCell = decodesCell
    }
}

extension ImplicitDecoder {
    /// Outputs of the first layer.
    var width: Int { layers[0].linear.weights.shape[0] }

    /// The part of the first layer that reads features: a convolution of the feature map, the same for every point that
    /// is nearest to a pixel. Its bias is left to `bias(cell:)`.
    func table() -> Convolution {
        let first = layers[0].linear.weights.dense()
        let (side, count) = (unfolds ? 3 : 1, features * (unfolds ? 9 : 1))
        let (inputs, source) = (first.shape[1], first.floats)
        let weights = Tensor(shape: [width, features, side, side]) { target in
            for output in 0..<width {
                for index in 0..<count { target[output * count + index] = source[output * inputs + index] }
            }
        }
        return Convolution(weights: .dense(weights), padding: side / 2)
    }

    /// The first layer's bias with the part of the cell, which is [height, width] in its units: the cell is the same
    /// for all points of a regular grid.
    func bias(cell: [Double]) -> [Float] {
        let bias = layers[0].linear.bias
        let columns = [offsetColumn(2), offsetColumn(3)]
        return (0..<width).map { output in
            var sum = Double(bias?.floats[output] ?? 0)
            if decodesCell { for axis in 0..<2 { sum += Double(columns[axis][output]) * cell[axis] } }
            return Float(sum)
        }
    }

    /// A column of the first layer after those of the features: 0 and 1 read the offset, 2 and 3 the cell.
    func offsetColumn(_ index: Int) -> [Float] {
        let first = layers[0].linear.weights.dense()
        let (inputs, column) = (first.shape[1], features * (unfolds ? 9 : 1) + index)
        let values = first.floats
        return (0..<width).map { column < inputs ? values[$0 * inputs + column] : 0 }
    }
}
