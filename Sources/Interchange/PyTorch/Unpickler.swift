/// A reader of pickles that executes nothing: it knows the opcodes of protocol 2 that torch.save writes, and the few
/// functions of `Pickle.Function`, which only describe tensors. The opcodes are those of CPython's Lib/pickletools.py.
///
/// Any other class or function becomes an opaque value; what is built from it is opaque too. An operation on a value
/// that it does not fit is an error.
struct Unpickler {
    private var reader: ByteReader
    private var stack: [Pickle.Value] = []
    private var marks: [Int] = []
    private var memo: [Int: Pickle.Value] = [:]

    /// Reads one pickle and moves `reader` to what follows it. Adds to `pickle` what it describes.
    static func load(_ reader: inout ByteReader, into pickle: inout Pickle) throws(Defect) -> Pickle.Value {
        var unpickler = Unpickler(reader: reader)
        guard try unpickler.reader.integer(UInt8.self) == 0x80 else { throw unpickler.wrong("no protocol") }
        let version = try unpickler.reader.integer(UInt8.self)
        guard version == 2 else { throw unpickler.wrong("protocol \(version), where torch.save writes 2") }
        while try unpickler.step(&pickle) {}
        guard unpickler.stack.count == 1, unpickler.marks.isEmpty else { throw unpickler.wrong("leftover values") }
        reader = unpickler.reader
        return unpickler.stack[0]
    }

    private init(reader: ByteReader) { self.reader = reader }

    /// Performs one operation; false at the end of the pickle.
    private mutating func step(_ pickle: inout Pickle) throws(Defect) -> Bool {
        pickle.operationsLeft -= 1
        guard pickle.operationsLeft >= 0 else { throw wrong("more operations than weights need") }
        let opcode = try reader.integer(UInt8.self)
        switch UnicodeScalar(opcode) {
        case "N": stack.append(.none)
        case "\u{88}": stack.append(.boolean(true))
        case "\u{89}": stack.append(.boolean(false))
        case "K": stack.append(.integer(Int(try reader.integer(UInt8.self))))
        case "M": stack.append(.integer(Int(try reader.integer(UInt16.self))))
        case "J": stack.append(.integer(Int(try reader.integer(Int32.self))))
        case "\u{8a}": stack.append(try long())
        case "G": stack.append(.number(Double(bitPattern: try reader.integer(UInt64.self).byteSwapped)))
        case "X": stack.append(.text(try text(reader.take(Int(try reader.integer(UInt32.self))))))
        case "U": stack.append(byteString(try reader.take(Int(try reader.integer(UInt8.self)))))
        case "T": stack.append(byteString(try reader.take(Int(try reader.integer(Int32.self)))))
        case "(": marks.append(stack.count)
        case ")": stack.append(.tuple(pickle.newContainer()))
        case "]": stack.append(.list(pickle.newContainer()))
        case "}": stack.append(.dictionary(pickle.newContainer()))
        case "t": stack.append(.tuple(pickle.newContainer(try popMark())))
        case "\u{85}": stack.append(.tuple(pickle.newContainer(try pop(1))))
        case "\u{86}": stack.append(.tuple(pickle.newContainer(try pop(2))))
        case "\u{87}": stack.append(.tuple(pickle.newContainer(try pop(3))))
        case "a": try append(try pop(1), &pickle)
        case "e": try append(try popMark(), &pickle)
        case "s": try setItems(try pop(2), &pickle)
        case "u": try setItems(try popMark(), &pickle)
        case "q": memo[Int(try reader.integer(UInt8.self))] = try top()
        case "r": memo[Int(try reader.integer(UInt32.self))] = try top()
        case "h": try recall(Int(try reader.integer(UInt8.self)))
        case "j": try recall(Int(try reader.integer(UInt32.self)))
        case "c": stack.append(Pickle.global(module: try text(reader.line()), name: try text(reader.line())))
        case "Q": stack.append(try pickle.storage(identifier: try pop(1)[0]))
        case "R", "\u{81}":  // NEWOBJ makes an object of a class: the same as a call, for those that are known
            let operands = try pop(2)
            stack.append(try pickle.call(operands[0], arguments: operands[1]))
        case "b":
            _ = try pop(1)
            // The state of a dictionary is the `_metadata` of a state_dict, which says nothing about its tensors.
            switch try top() {
            case .dictionary, .opaque: break
            default: throw wrong("a state for something that has none")
            }
        case ".": return false
        default: throw wrong("opcode 0x\(String(opcode, radix: 16)), which torch.save does not write")
        }
        return true
    }

    private mutating func append(_ values: [Pickle.Value], _ pickle: inout Pickle) throws(Defect) {
        switch try top() {
        case .list(let index): pickle.containers[index] += values
        case .opaque: break
        default: throw wrong("an item for something that is not a list")
        }
    }

    private mutating func setItems(_ values: [Pickle.Value], _ pickle: inout Pickle) throws(Defect) {
        guard values.count.isMultiple(of: 2) else { throw wrong("a key without a value") }
        for i in stride(from: 0, to: values.count, by: 2) {
            switch values[i] {
            case .list, .dictionary, .tensor, .storage: throw wrong("a key that cannot be one")
            default: break
            }
        }
        switch try top() {
        case .dictionary(let index): pickle.containers[index] += values
        case .opaque: break
        default: throw wrong("an item for something that is not a dictionary")
        }
    }

    private mutating func recall(_ index: Int) throws(Defect) {
        guard let value = memo[index] else { throw wrong("a reference to nothing") }
        stack.append(value)
    }

    private mutating func long() throws(Defect) -> Pickle.Value {
        let bytes = try reader.take(Int(try reader.integer(UInt8.self)))
        guard bytes.count <= 8 else { return .opaque("int") }
        var value = Int64(bytes.last.map { Int8(bitPattern: $0) < 0 ? -1 : 0 } ?? 0)
        for byte in bytes.reversed() { value = value << 8 | Int64(byte) }
        return .integer(Int(value))
    }

    private func text(_ bytes: UnsafeRawBufferPointer) throws(Defect) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw wrong("text that is not UTF-8") }
        return text
    }

    /// Python 2 wrote its texts as bytes; what is not a text is of no use here.
    private func byteString(_ bytes: UnsafeRawBufferPointer) -> Pickle.Value {
        String(validating: bytes, as: UTF8.self).map { .text($0) } ?? .opaque("bytes")
    }

    private func top() throws(Defect) -> Pickle.Value {
        guard let value = stack.last, stack.count > marks.last ?? 0 else { throw wrong("an empty stack") }
        return value
    }

    private mutating func pop(_ count: Int) throws(Defect) -> [Pickle.Value] {
        guard stack.count - count >= marks.last ?? 0 else { throw wrong("an empty stack") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popMark() throws(Defect) -> [Pickle.Value] {
        guard let mark = marks.popLast() else { throw wrong("an end without a beginning") }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private func wrong(_ found: String) -> Defect {
        Defect("the pickle is not one that can be read: found \(found) at byte \(reader.position)")
    }
}
