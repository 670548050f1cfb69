/// The unit of all kernels: one block of 16 channels. One register with AVX-512, two with AVX, four with SSE or NEON.
typealias Vector = SIMD16<Float>

extension Vector {
    /// Reads 16 floats; no alignment is asked for.
    @inline(__always)
    init(_ source: UnsafePointer<Float>) {
        self = UnsafeRawPointer(source).loadUnaligned(as: Vector.self)
    }

    @inline(__always)
    func store(_ target: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(target).storeBytes(of: self, as: Vector.self)
    }

    /// `self += a · b`, in one rounding where the CPU has such an instruction; `addProduct` calls a library function
    /// per lane where it has not.
    @inline(__always)
    mutating func accumulate(_ a: Vector, _ b: Vector) {
        #if FMA || arch(arm64)
        addProduct(a, b)
        #else
        self += a * b
        #endif
    }

    /// The larger of each lane and 0; a lane that is not a number stays so.
    @inline(__always)
    var rectified: Vector { replacing(with: Vector(), where: self .< Vector()) }

    /// The larger of both in each lane; what is not a number wins.
    @inline(__always)
    func maximum(_ other: Vector) -> Vector { replacing(with: other, where: (other .> self) .| (other .!= other)) }
}
