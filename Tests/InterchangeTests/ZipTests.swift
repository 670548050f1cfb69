import Foundation
import Interchange
import Testing

struct ZipTests {
    static let object = Pickled.dictionary([("w", Pickled.vector("0", count: 2))])
    static let sound = Zip.torch(object, [("0", bytes(of: [1, 2]))])

    private func expectSound(_ zip: Zip) throws {
        try withFile(zip.file) { path in
            let checkpoint = try Checkpoint.read(path)
            #expect(try checkpoint.tensors["w"]?.floats().array == [1, 2])
        }
    }

    private func expectMalformed(_ fragment: String, _ change: (inout Zip) -> Void) throws {
        var zip = Self.sound
        change(&zip)
        try withFile(zip.file) { InterchangeTests.expectMalformed($0, fragment) }
    }

    @Test func soundArchives() throws {
        try expectSound(Self.sound)
        var zip = Self.sound
        zip.hasLargeRecords = true
        try expectSound(zip)
        zip.entries[1].checksum = 0  // none
        try expectSound(zip)
        zip.entries.append(.init(name: "net/byteorder", payload: Array("little".utf8)))
        zip.entries.append(.init(name: "net/version", payload: Array("3\n".utf8)))
        try expectSound(zip)
        // Deflate's form for bytes as they are: last block, length, complement.
        zip.entries[1].payload = [1, 8, 0, 0xf7, 0xff] + bytes(of: [1, 2])
        zip.entries[1].inflatedCount = 8
        try expectSound(zip)
    }

    @Test func bigEndian() throws {
        var zip = Zip.torch(Self.object, [("0", [Float(1), 2].flatMap { little($0.bitPattern.byteSwapped) })])
        zip.entries.append(.init(name: "net/byteorder", payload: Array("big".utf8)))
        try expectSound(zip)
    }

    @Test func ambiguousArchives() throws {
        try expectMalformed("twice") { $0.entries.append($0.entries[1]) }
        try expectMalformed("belong to no entry") { $0.entries[1].gap = [UInt8](repeating: 0, count: 30) }
        try expectMalformed("neither") { $0.entries[0].gap = [0] }
        try expectMalformed("disagree") { $0.entries[1].localName = "net/data/1" }
        try expectMalformed("something follows") { $0.comment = Array("a comment".utf8) }
        try expectMalformed("two in one") { $0.comment = Self.sound.file }
        try expectMalformed("outside of") { $0.entries.append(.init(name: "other/version", payload: [])) }
        try expectMalformed("missing") { $0.entries[0].name = "net/DATA.PKL" }
        try expectMalformed("TorchScript") { $0.entries.append(.init(name: "net/constants.pkl", payload: [])) }
        try expectMalformed("byte order") { $0.entries.append(.init(name: "net/byteorder", payload: [0x6d])) }
        try expectMalformed("does not unpack") { $0.entries[1].inflatedCount = 8 }
        try expectMalformed("far more") { $0.entries[1].inflatedCount = 100_000_000 }
    }

    @Test func severalInOne() throws {
        let first = Self.sound.file
        var second = Self.sound
        try withFile(first + second.file) { InterchangeTests.expectMalformed($0, "two in one") }
        second.origin = first.count  // with offsets that are right
        try withFile(first + second.file) { InterchangeTests.expectMalformed($0, "belong to no entry") }
        try withFile(first + [0]) { InterchangeTests.expectMalformed($0, "something follows") }
    }

    /// Flipped bits, cuts and repeats anywhere: refused or read, never a crash.
    @Test func damage() throws {
        let header = #"{"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}"#
        let files = [
            Self.sound.file, stream(Self.object, [("0", 2, bytes(of: [1, 2]))]),
            safetensors(header, bytes(of: [1, 2])),
        ]
        try withFile([0]) { path in
            for seed in 0..<400 {
                try Data(damaged(files[seed % files.count], seed: seed)).write(to: URL(fileURLWithPath: path))
                do {
                    let checkpoint = try Checkpoint.read(path)
                    for tensor in checkpoint.tensors.values { #expect(try tensor.floats().count == tensor.count) }
                } catch {
                    #expect(error is CheckpointError, "seed \(seed)")
                }
            }
        }
    }

    private func damaged(_ file: [UInt8], seed: Int) -> [UInt8] {
        var file = file
        var generator = SeededGenerator(state: UInt64(seed))
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let i = Int.random(in: 0..<file.count, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0 where file.count > 9: file.removeSubrange(i..<min(i + 9, file.count))
            case 1: file.insert(contentsOf: file[i...].prefix(9), at: i)
            case 2: file[i] = [0, 0xff, 0x7f, 0x80].randomElement(using: &generator) ?? 0
            default: file[i] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
        }
        return file
    }
}
