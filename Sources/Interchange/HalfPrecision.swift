/// Conversions between float32 and the 16-bit formats on their bits, because Swift has no `Float16` on x86 macOS.
package enum HalfPrecision {
    /// The value of IEEE 754 binary16 bits; exact.
    package static func float(half bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 31
        let fraction = UInt32(bits & 0x3ff)
        switch exponent {
        case 0: return Float(bitPattern: sign | (Float(fraction) * 0x1p-24).bitPattern)
        case 31: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    /// The nearest binary16 bits, ties to even; what is too large becomes infinite, NaN stays NaN.
    package static func half(_ value: Float) -> UInt16 {
        let sign = UInt16(value.bitPattern >> 16) & 0x8000
        let magnitude = value.bitPattern & 0x7fff_ffff
        if magnitude > 0x7f80_0000 { return sign | 0x7e00 | UInt16(magnitude >> 13 & 0x3ff) }
        if magnitude >= 0x477f_f000 { return sign | 0x7c00 }  // 65520, halfway between the largest and 2¹⁶
        if magnitude < 0x3880_0000 {  // below 2⁻¹⁴ the spacing is 2⁻²⁴
            return sign | UInt16((Float(bitPattern: magnitude) * 0x1p24).rounded(.toNearestOrEven))
        }
        return sign | UInt16((magnitude + 0xfff + (magnitude >> 13 & 1)) >> 13 - 112 << 10)
    }

    /// The value of bfloat16 bits; exact.
    package static func float(bfloat bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    /// The nearest bfloat16 bits, ties to even; NaN stays NaN.
    package static func bfloat(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(bits >> 16) | 0x40 }
        return UInt16((bits + 0x7fff + (bits >> 16 & 1)) >> 16)
    }
}
