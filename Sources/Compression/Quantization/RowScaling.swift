import Interchange
import Tensors

extension Tensor {
    /// The root mean square of each row, rounded to half precision; 1 for rows of zeros.
    func rowDeviations() -> [Float] {
        let (rows, values) = (shape[0], floats)
        let size = count / rows
        return (0..<rows).map { row in
            let squares = (row * size..<(row + 1) * size).reduce(0.0) { $0 + Double(values[$1]) * Double(values[$1]) }
            let deviation = HalfPrecision.float(half: HalfPrecision.half(Float((squares / Double(size)).squareRoot())))
            return deviation > 0 && deviation.isFinite ? deviation : 1
        }
    }

    func dividingRows(by scales: [Float]) -> Tensor {
        let (size, source) = (count / scales.count, floats)
        return Tensor(shape: shape) { target in
            for i in target.indices { target[i] = source[i] / scales[i / size] }
        }
    }

    /// The sum of squared differences over the sum of squares of `reference`.
    func relativeSquaredError(from reference: Tensor) -> Double {
        var (error, energy) = (0.0, 0.0)
        for (own, other) in zip(floats, reference.floats) {
            error += Double(own - other) * Double(own - other)
            energy += Double(other) * Double(other)
        }
        return error / max(energy, .leastNormalMagnitude)
    }
}
