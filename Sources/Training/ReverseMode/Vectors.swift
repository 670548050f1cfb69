import COpenBLAS

typealias Floats = UnsafeMutablePointer<Float>
typealias ConstantFloats = UnsafePointer<Float>

/// Loops over float32 vectors; sums are in sixteen parts, so that they are both fast and exact enough.
enum Vectors {
    static func add(_ source: ConstantFloats, to target: Floats, count: Int) {
        for i in 0..<count { target[i] += source[i] }
    }

    static func sum(_ values: ConstantFloats, count: Int) -> Float {
        sum(count) {
            UnsafeRawPointer(values + $0).loadUnaligned(as: SIMD16<Float>.self)
        } single: {
            values[$0]
        }
    }

    static func dot(_ a: ConstantFloats, _ b: ConstantFloats, count: Int) -> Float {
        sum(count) {
            UnsafeRawPointer(a + $0).loadUnaligned(as: SIMD16<Float>.self)
                * UnsafeRawPointer(b + $0).loadUnaligned(as: SIMD16<Float>.self)
        } single: {
            a[$0] * b[$0]
        }
    }

    @inline(__always)
    private static func sum(_ count: Int, _ sixteen: (Int) -> SIMD16<Float>, single: (Int) -> Float) -> Float {
        var sums = SIMD16<Float>.zero
        var i = 0
        while i + 16 <= count {
            sums += sixteen(i)
            i += 16
        }
        var rest: Float = 0
        while i < count {
            rest += single(i)
            i += 1
        }
        return sums.sum() + rest
    }
}

/// A matrix in row-major order, `stride` elements from row to row, perhaps taken as its transpose.
struct Matrix {
    let start: ConstantFloats
    let stride: Int
    var isTransposed = false

    /// `target` (rows × columns) = a · b, with `depth` products per sum; or += where `adds`.
    static func multiply(
        _ a: Matrix, _ b: Matrix, rows: Int, columns: Int, depth: Int, to target: Floats, stride: Int, adds: Bool
    ) {
        cblas_sgemm(
            CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
            blasint(rows), blasint(columns), blasint(depth), 1, a.start, blasint(a.stride), b.start,
            blasint(b.stride), adds ? 1 : 0, target, blasint(stride))
    }
}
