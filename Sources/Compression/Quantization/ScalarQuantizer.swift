import Engine
import Interchange
import Kernels
import Tensors

/// The simple methods that product quantization is compared with.
enum ScalarQuantizer {
    /// Integers −127…127 with a factor per output: the largest magnitude of its row over 127.
    static func integers(_ weights: Tensor) -> ProductQuantized {
        let rows = weights.shape[0]
        let columns = weights.count / rows
        let values = weights.floats
        var scales = [Float](repeating: 0, count: rows)
        var integers = [UInt8](repeating: 0, count: weights.count)
        for row in 0..<rows {
            let range = row * columns..<(row + 1) * columns
            let largest = range.reduce(Float(0)) { max($0, abs(values[$1])) }
            scales[row] = largest / 127
            guard scales[row] > 0 else { continue }
            for i in range {
                integers[i] = UInt8(bitPattern: Int8(max(-127, min(127, (values[i] / scales[row]).rounded()))))
            }
        }
        return ProductQuantized(
            shape: weights.shape, integers: integers, rowScales: Tensor(shape: [rows], scales))
    }

    /// Each weight rounded to half precision; the largest half where it is too large for one.
    static func halves(_ weights: Tensor) -> Tensor {
        let values = weights.floats
        return Tensor(shape: weights.shape) { target in
            for i in target.indices {
                target[i] = HalfPrecision.float(half: HalfPrecision.half(max(-65504, min(65504, values[i]))))
            }
        }
    }
}
