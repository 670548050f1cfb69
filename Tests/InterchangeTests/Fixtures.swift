/// Builders of small files, sound and broken.

func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

func bytes(of values: [Float]) -> [UInt8] { values.flatMap { little($0.bitPattern) } }

func safetensors(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
    little(UInt64(header.utf8.count)) + Array(header.utf8) + data
}

/// A pickle of protocol 2, put together from its parts.
enum Pickled {
    static func whole(_ value: [UInt8]) -> [UInt8] { [0x80, 2] + value + Array(".".utf8) }
    static func text(_ text: String) -> [UInt8] { Array("X".utf8) + little(UInt32(text.utf8.count)) + Array(text.utf8) }
    /// As Python 2 wrote it.
    static func bytes(_ text: String) -> [UInt8] { Array("U".utf8) + [UInt8(text.utf8.count)] + Array(text.utf8) }
    static func integer(_ value: Int) -> [UInt8] { [0x8a, 8] + little(Int64(value)) }
    static func number(_ value: Double) -> [UInt8] { Array("G".utf8) + little(value.bitPattern.byteSwapped) }
    static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }
    static func tuple(_ items: [UInt8]...) -> [UInt8] { Array("(".utf8) + items.joined() + Array("t".utf8) }
    static func list(_ items: [UInt8]...) -> [UInt8] { Array("](".utf8) + items.joined() + Array("e".utf8) }
    static func call(_ function: [UInt8], _ arguments: [UInt8]...) -> [UInt8] {
        function + Array("(".utf8) + arguments.joined() + Array("tR".utf8)
    }
    static let none = Array("N".utf8)
    static let no: [UInt8] = [0x89]
    static let emptyHooks = call(global("collections", "OrderedDict"))

    static func dictionary(_ items: [(String, [UInt8])]) -> [UInt8] {
        Array("}(".utf8) + items.flatMap { text($0.0) + $0.1 } + Array("u".utf8)
    }

    static func storage(
        _ key: String, count: Int, type: String = "FloatStorage", view: [UInt8] = []
    ) -> [UInt8] {
        tuple(text("storage"), global("torch", type), text(key), text("cuda:3"), integer(count), view) + Array("Q".utf8)
    }

    static func tensor(_ storage: [UInt8], offset: Int = 0, shape: [Int], strides: [Int]) -> [UInt8] {
        let sizes = Array("(".utf8) + shape.flatMap(integer) + Array("t".utf8)
        let steps = Array("(".utf8) + strides.flatMap(integer) + Array("t".utf8)
        return call(
            global("torch._utils", "_rebuild_tensor_v2"), storage, integer(offset), sizes, steps, no, emptyHooks)
    }

    /// A vector that takes a whole storage.
    static func vector(_ key: String, count: Int) -> [UInt8] {
        tensor(storage(key, count: count), shape: [count], strides: [1])
    }
}

/// A file of torch.save as of before version 1.6.
func stream(_ object: [UInt8], _ storages: [(key: String, count: Int, bytes: [UInt8])], isLittle: Bool = true)
    -> [UInt8]
{
    let magic: [UInt8] = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]
    let platform = Pickled.dictionary([("little_endian", [isLittle ? 0x88 : 0x89])])
    let keys = Array("](".utf8) + storages.flatMap { Pickled.text($0.key) } + Array("e".utf8)
    let head = magic + Pickled.whole(Pickled.integer(1001)) + Pickled.whole(platform)
    return head + Pickled.whole(object) + Pickled.whole(keys) + storages.flatMap { little(Int64($0.count)) + $0.bytes }
}

/// A zip archive, with ways to break it.
struct Zip {
    struct Entry {
        var name: String
        var payload: [UInt8]
        /// The size before compression, if compressed with deflate.
        var inflatedCount: Int?
        var checksum: UInt32?
        /// Bytes to put before the local header.
        var gap: [UInt8] = []
        /// The name in the local header, if different.
        var localName: String?
    }

    var entries: [Entry]
    var comment: [UInt8] = []
    var hasLargeRecords = false
    /// Bytes that come before all, as far as the offsets know.
    var origin = 0

    /// An archive as torch.save writes it.
    static func torch(_ object: [UInt8], _ storages: [(key: String, bytes: [UInt8])]) -> Zip {
        let data = storages.map { Entry(name: "net/data/\($0.key)", payload: $0.bytes) }
        return Zip(entries: [Entry(name: "net/data.pkl", payload: Pickled.whole(object))] + data)
    }

    var file: [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            file += entry.gap
            let checksum = entry.checksum ?? crc32(entry.payload)
            let method: UInt16 = entry.inflatedCount == nil ? 0 : 8
            let sizes =
                little(UInt32(entry.payload.count)) + little(UInt32(entry.inflatedCount ?? entry.payload.count))
            let offset = file.count + origin
            let common = little(UInt16(0)) + little(method) + little(UInt32(0)) + little(checksum) + sizes
            let local = entry.localName ?? entry.name
            file += little(UInt32(0x0403_4b50)) + little(UInt16(20)) + common
            file += little(UInt16(local.utf8.count)) + little(UInt16(0)) + Array(local.utf8) + entry.payload
            directory += little(UInt32(0x0201_4b50)) + little(UInt16(20)) + little(UInt16(20)) + common
            directory += little(UInt16(entry.name.utf8.count)) + [UInt8](repeating: 0, count: 12)
            directory += little(UInt32(offset)) + Array(entry.name.utf8)
        }
        let start = file.count
        file += directory
        if hasLargeRecords {
            let record = file.count + origin
            file += little(UInt32(0x0606_4b50)) + little(UInt64(44)) + [UInt8](repeating: 0, count: 12)
            file += little(UInt64(entries.count)) + little(UInt64(entries.count))
            file += little(UInt64(directory.count)) + little(UInt64(start + origin))
            file += little(UInt32(0x0706_4b50)) + little(UInt32(0)) + little(UInt64(record)) + little(UInt32(1))
        }
        let count = hasLargeRecords ? 0xffff : UInt16(entries.count)
        let size = hasLargeRecords ? 0xffff_ffff : UInt32(directory.count)
        let offset = hasLargeRecords ? 0xffff_ffff : UInt32(start + origin)
        file += little(UInt32(0x0605_4b50)) + little(UInt32(0)) + little(count) + little(count)
        return file + little(size) + little(offset) + little(UInt16(comment.count)) + comment
    }

    /// The checksum of zip (reflected polynomial 0xedb88320), bit by bit.
    private func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 0 ? 0 : 0xedb8_8320) }
        }
    }
}

/// A small generator with a seed (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
