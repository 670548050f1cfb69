import Foundation

/// Changes to the text of a JSON document that leave its meaning alone. The document need not be valid: a wrong one
/// gives some other wrong text.
package enum JSONText {
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    /// Without white space between tokens, and with the string value of `key` (anywhere) emptied.
    package static func canonical(_ document: Data, blanking key: String) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(document.count)
        let pattern = Array("\"\(key)\":".utf8)
        document.withUnsafeBytes { bytes in
            var i = 0
            var keep = true
            while i < bytes.count {
                let byte = bytes[i]
                switch byte {
                case quote:
                    let end = endOfString(bytes, from: i)
                    if keep { output.append(contentsOf: bytes[i..<end]) } else { output += [quote, quote] }
                    keep = true
                    i = end
                case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): i += 1
                default:
                    output.append(byte)
                    i += 1
                    if byte == UInt8(ascii: ":") { keep = !output.suffix(pattern.count).elementsEqual(pattern) }
                }
            }
        }
        return output
    }

    /// Indented by two spaces with one key or element a line, except that arrays of numbers and empty arrays and objects
    /// stay on one; with a newline at the end. `document` has no white space between its tokens.
    package static func indented(_ document: Data) -> Data {
        var output: [UInt8] = []
        output.reserveCapacity(2 * document.count)
        var depth = 0
        func newline() {
            output.append(UInt8(ascii: "\n"))
            for _ in 0..<2 * depth { output.append(UInt8(ascii: " ")) }
        }
        document.withUnsafeBytes { bytes in
            var i = 0
            while i < bytes.count {
                switch bytes[i] {
                case quote:
                    let end = endOfString(bytes, from: i)
                    output.append(contentsOf: bytes[i..<end])
                    i = end
                    continue
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    if let end = endOfFlat(bytes, from: i) {
                        for byte in bytes[i..<end] {
                            output.append(byte)
                            if byte == UInt8(ascii: ",") { output.append(UInt8(ascii: " ")) }
                        }
                        i = end
                        continue
                    }
                    output.append(bytes[i])
                    depth += 1
                    newline()
                case UInt8(ascii: "]"), UInt8(ascii: "}"):
                    depth -= 1
                    newline()
                    output.append(bytes[i])
                case UInt8(ascii: ","):
                    output.append(bytes[i])
                    newline()
                case UInt8(ascii: ":"):
                    output.append(contentsOf: [UInt8(ascii: ":"), UInt8(ascii: " ")])
                default: output.append(bytes[i])
                }
                i += 1
            }
        }
        output.append(UInt8(ascii: "\n"))
        return Data(output)
    }

    /// The index after the string's closing quote, or the document's end.
    private static func endOfString(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var i = start + 1
        while i < bytes.count, bytes[i] != quote { i += bytes[i] == backslash ? 2 : 1 }
        return min(i + 1, bytes.count)
    }

    /// The index after an array or object without strings and nesting; nil for others.
    private static func endOfFlat(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        for i in start + 1..<bytes.count {
            switch bytes[i] {
            case UInt8(ascii: "]"), UInt8(ascii: "}"): return i + 1
            case quote, UInt8(ascii: "["), UInt8(ascii: "{"): return nil
            default: continue
            }
        }
        return nil
    }
}
