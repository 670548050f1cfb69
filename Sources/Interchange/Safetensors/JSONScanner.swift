/// A strict scanner for the little JSON of a safetensors header: objects, arrays, texts and natural numbers.
///
/// The caller asks for what must come next, so the depth is that of the caller and nothing recurses.
struct JSONScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The members of an object; no key may come twice.
    mutating func object(
        _ member: (inout JSONScanner, String) throws(Defect) -> Void
    ) throws(Defect) {
        try expect("{")
        if consume("}") { return }
        var keys: Set<String> = []
        repeat {
            let key = try string()
            guard keys.insert(key).inserted else { throw Defect("the header holds the key \(quoted(key)) twice") }
            try expect(":")
            try member(&self, key)
        } while consume(",")
        try expect("}")
    }

    /// An array of natural numbers.
    mutating func numbers() throws(Defect) -> [Int] {
        try expect("[")
        if consume("]") { return [] }
        var numbers: [Int] = []
        repeat { numbers.append(try number()) } while consume(",")
        try expect("]")
        return numbers
    }

    mutating func string() throws(Defect) -> String {
        try expect("\"")
        var text: [UInt8] = []
        while true {
            switch try next() {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw wrong("text that is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw wrong("a control character within a text")
            case let byte: text.append(byte)
            }
        }
    }

    /// Nothing but white space may follow.
    mutating func end() throws(Defect) {
        skipSpace()
        if position < bytes.count { throw wrong("something after its end") }
    }

    private mutating func number() throws(Defect) -> Int {
        skipSpace()
        let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let text = String(decoding: digits, as: UTF8.self)
        guard let value = Int(text), digits.count == 1 || digits.first != UInt8(ascii: "0") else {
            throw wrong("no whole number below 2^63")
        }
        position += digits.count
        return value
    }

    private mutating func escape(into text: inout [UInt8]) throws(Defect) {
        switch try next() {
        case UInt8(ascii: "\""): text.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): text.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): text.append(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            var units = [try hexadecimal()]
            if units[0] & 0xfc00 == 0xd800 {  // the second half of a surrogate pair must follow
                guard try next() == UInt8(ascii: "\\"), try next() == UInt8(ascii: "u") else {
                    throw wrong("half a pair")
                }
                units.append(try hexadecimal())
            }
            guard let scalars = String(validating: units, as: UTF16.self) else { throw wrong("half a surrogate pair") }
            text.append(contentsOf: scalars.utf8)
        default: throw wrong("an unknown escape")
        }
    }

    private mutating func hexadecimal() throws(Defect) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(UnicodeScalar(try next())).hexDigitValue else {
                throw wrong("an unknown escape")
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Defect) {
        guard consume(character) else { throw wrong("no `\(character)`") }
    }

    private mutating func consume(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func next() throws(Defect) -> UInt8 {
        guard position < bytes.count else { throw wrong("its end") }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
    }

    private func wrong(_ found: String) -> Defect {
        Defect("the safetensors header is not as it should be: found \(found) at byte \(position)")
    }
}
