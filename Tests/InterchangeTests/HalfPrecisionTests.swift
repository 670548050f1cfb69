import Interchange
import Testing

struct HalfPrecisionTests {
    @Test func everyHalfSurvives() {
        for bits in UInt16.min...UInt16.max {
            let value = HalfPrecision.float(half: bits)
            let isNaN = bits & 0x7fff > 0x7c00
            #expect(value.isNaN == isNaN)
            if !isNaN { #expect(HalfPrecision.half(value) == bits) }
        }
    }

    @Test func everyBfloatSurvives() {
        for bits in UInt16.min...UInt16.max {
            let value = HalfPrecision.float(bfloat: bits)
            if !value.isNaN { #expect(HalfPrecision.bfloat(value) == bits) }
        }
        #expect(HalfPrecision.float(bfloat: HalfPrecision.bfloat(.nan)).isNaN)
    }

    /// Ties go to the even neighbour; the values around each tie go to the nearer one.
    @Test func ties() {
        for bits in UInt16(0)..<0x7bff {
            let low = Double(HalfPrecision.float(half: bits))
            let middle = Float((low + Double(HalfPrecision.float(half: bits + 1))) / 2)
            let even = bits.isMultiple(of: 2) ? bits : bits + 1
            #expect(HalfPrecision.half(middle) == even)
            #expect(HalfPrecision.half(-middle) == even | 0x8000)
            #expect(HalfPrecision.half(middle.nextDown) == bits)
            #expect(HalfPrecision.half(middle.nextUp) == bits + 1)
        }
        for bits in UInt16(0)..<0x7f7f {
            let middle = Float(bitPattern: UInt32(bits) << 16 | 0x8000)
            #expect(HalfPrecision.bfloat(middle) == (bits.isMultiple(of: 2) ? bits : bits + 1))
            #expect(HalfPrecision.bfloat(middle.nextDown) == bits)
            #expect(HalfPrecision.bfloat(middle.nextUp) == bits + 1)
        }
    }

    @Test func extremes() {
        #expect(HalfPrecision.half(65519.996) == 0x7bff)
        #expect(HalfPrecision.half(65520) == 0x7c00)
        #expect(HalfPrecision.half(-.infinity) == 0xfc00)
        #expect(HalfPrecision.half(.leastNonzeroMagnitude) == 0)
        #expect(HalfPrecision.half(-0) == 0 && HalfPrecision.half(-Float(0)) == 0x8000)
        #expect(HalfPrecision.half(0x1p-25) == 0 && HalfPrecision.half(0x1.000002p-25) == 1)
        #expect(HalfPrecision.half(.nan) & 0x7fff > 0x7c00)
        #expect(HalfPrecision.bfloat(.greatestFiniteMagnitude) == 0x7f80)
    }

    #if os(Linux) || arch(arm64)
    @Test func agreesWithTheCompiler() {
        var generator = SeededGenerator(state: 1)
        for _ in 0..<200_000 {
            let value = Float(bitPattern: generator.next())
            if !value.isNaN { #expect(HalfPrecision.half(value) == Float16(value).bitPattern, "\(value)") }
        }
    }
    #endif
}
