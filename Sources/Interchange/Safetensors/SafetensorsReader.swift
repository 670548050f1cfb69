import OrderedCollections
import Tensors

/// The safetensors format (github.com/huggingface/safetensors): a little-endian 64-bit length, a JSON header of that
/// length, and the data, which the tensors must cover exactly, without gaps or overlap.
///
/// Stricter than the reference where its README is: keys are unique. Names have no control characters. Types that no
/// network here computes with (complex, 8-bit floating point and smaller) are refused when the file is read.
enum Safetensors {
    static let headerLimit = 100_000_000

    /// Names of the types in the order in which the reference writer sorts tensors, from the last to the first.
    static let typeNames: [(name: String, type: ScalarType)] = [
        ("BOOL", .bool), ("U8", .uint8), ("I8", .int8), ("I16", .int16), ("U16", .uint16), ("F16", .float16),
        ("BF16", .bfloat16), ("I32", .int32), ("U32", .uint32), ("F32", .float32), ("F64", .float64), ("I64", .int64),
        ("U64", .uint64),
    ]

    private static let unsupported: Set = [
        "F4", "F6_E2M3", "F6_E3M2", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "C64",
    ]

    private struct Entry {
        let name: String
        let type: ScalarType
        let shape: [Int]
        let begin: Int
        let end: Int
    }

    static func read(_ contents: Storage, file: String) throws(Defect) -> Checkpoint {
        defer { withExtendedLifetime(contents) {} }
        var reader = ByteReader(contents.bytes, subject: "the file")
        let length = try reader.integer(UInt64.self)
        guard length <= UInt64(headerLimit) else {
            throw Defect("the safetensors header claims \(length) bytes, more than the \(headerLimit) allowed")
        }
        guard length <= UInt64(reader.remaining) else {
            throw Defect("the safetensors header claims \(length) bytes, but only \(reader.remaining) follow")
        }
        var checkpoint = Checkpoint(file: file)
        let entries = try header(try reader.take(Int(length)), metadata: &checkpoint.metadata)
        try checkCover(entries, dataCount: reader.remaining)
        let slice = LazyBytes.Slice(storage: contents, byteOffset: reader.position)
        let source = LazyBytes(slice, byteCount: reader.remaining, file: file)
        checkpoint.tensors.reserveCapacity(entries.count)
        for entry in entries {
            checkpoint.tensors[entry.name] = StoredTensor(
                scalarType: entry.type, shape: entry.shape, source: source, byteOffset: entry.begin)
        }
        return checkpoint
    }

    private static func header(
        _ bytes: UnsafeRawBufferPointer, metadata: inout [String: String]
    ) throws(Defect) -> [Entry] {
        var scanner = JSONScanner(bytes)
        var entries: [Entry] = []
        var texts: [String: String] = [:]
        try scanner.object { (scanner, name) throws(Defect) in
            if name == "__metadata__" {
                try scanner.object { (scanner, key) throws(Defect) in texts[key] = try scanner.string() }
            } else {
                entries.append(try entry(name, &scanner))
            }
        }
        try scanner.end()
        metadata = texts
        return entries
    }

    private static func entry(_ name: String, _ scanner: inout JSONScanner) throws(Defect) -> Entry {
        try checkName(name)
        var typeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.object { (scanner, key) throws(Defect) in
            switch key {
            case "dtype": typeName = try scanner.string()
            case "shape": shape = try scanner.numbers()
            case "data_offsets": offsets = try scanner.numbers()
            default: throw Defect("tensor \(quoted(name)) has the unknown field \(quoted(key))")
            }
        }
        guard let typeName, let shape, let offsets, offsets.count == 2 else {
            throw Defect("tensor \(quoted(name)) needs dtype, shape and two data_offsets")
        }
        guard let type = typeNames.first(where: { $0.name == typeName })?.type else {
            let known = unsupported.contains(typeName)
            throw Defect("tensor \(quoted(name)) has the \(known ? "unsupported" : "unknown") type \(quoted(typeName))")
        }
        guard let count = checkedCount(shape) else { throw Defect("tensor \(quoted(name)) has an impossible shape") }
        let (size, overflow) = offsets[1].subtractingReportingOverflow(offsets[0])
        guard !overflow, size == count * type.byteCount else {
            throw Defect(
                "tensor \(quoted(name)) needs \(count * type.byteCount) bytes, but its offsets are \(offsets[0]) and \(offsets[1])"
            )
        }
        return Entry(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1])
    }

    private static func checkCover(_ entries: [Entry], dataCount: Int) throws(Defect) {
        var covered = 0
        for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
            guard entry.begin == covered else {
                let fault = entry.begin < covered ? "overlaps another" : "leaves a gap before it"
                throw Defect("tensor \(quoted(entry.name)) \(fault), at byte \(entry.begin) of the data")
            }
            covered = entry.end
        }
        guard covered == dataCount else {
            throw Defect("the tensors cover \(covered) bytes, but the file holds \(dataCount)")
        }
    }
}
