import Engine
import Kernels

/// Codes one after the other in as many bits each as the largest needs, from the lowest bit of the first byte on; the
/// last byte is filled up with zeros.
enum CodePacking {
    /// The bits of a code for so many codewords.
    static func bits(codewords: Int) -> Int {
        codewords <= 1 ? 1 : Int.bitWidth - (codewords - 1).leadingZeroBitCount
    }

    static func byteCount(codes: Int, bits: Int) -> Int { (codes * bits + 7) / 8 }

    static func pack(_ codes: ProductQuantized.Codes, bits: Int) -> [UInt8] {
        switch codes {
        case .bytes(let values): pack(values, bits: bits)
        case .words(let values): pack(values, bits: bits)
        }
    }

    private static func pack(_ codes: [some FixedWidthInteger], bits: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount(codes: codes.count, bits: bits))
        var (pending, held) = (UInt32(0), 0)
        for code in codes {
            pending |= UInt32(truncatingIfNeeded: code) << UInt32(held)
            held += bits
            while held >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: pending))
                pending >>= 8
                held -= 8
            }
        }
        if held > 0 { bytes.append(UInt8(truncatingIfNeeded: pending)) }
        return bytes
    }

    /// `count` codes of at most 16 bits; there must be bytes for them.
    static func unpack<Code: FixedWidthInteger>(
        _ bytes: [UInt8], count: Int, bits: Int, as type: Code.Type = Code.self
    ) -> [Code] {
        precondition((1...16).contains(bits) && bytes.count >= byteCount(codes: count, bits: bits))
        let mask = UInt32(1) << UInt32(bits) - 1
        return [Code](unsafeUninitializedCapacity: count) { target, initialized in
            var (pending, held, next) = (UInt32(0), 0, 0)
            for i in 0..<count {
                while held < bits {
                    pending |= UInt32(bytes[next]) << UInt32(held)
                    next += 1
                    held += 8
                }
                target[i] = Code(truncatingIfNeeded: pending & mask)
                pending >>= UInt32(bits)
                held -= bits
            }
            initialized = count
        }
    }
}
