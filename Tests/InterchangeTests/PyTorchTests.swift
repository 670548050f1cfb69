import Foundation
import Interchange
import Testing

struct PyTorchTests {
    static let two = bytes(of: [1, 2])

    @Test func containers() throws {
        let object = Pickled.dictionary([
            ("model", Pickled.dictionary([("w", Pickled.vector("0", count: 2))])),
            ("list", Pickled.list(Pickled.integer(5), Pickled.none, Pickled.vector("0", count: 2))),
            ("lr", Pickled.number(0.5)), ("name", Pickled.bytes("net")),
            ("big", [0x8a, 9] + [UInt8](repeating: 1, count: 9)),
            ("small", [0x8a, 1, 0xfe]),
        ])
        try withFile(Zip.torch(object, [("0", Self.two)]).file) { path in
            let checkpoint = try Checkpoint.read(path)
            #expect(Array(checkpoint.tensors.keys) == ["model.w", "list.2"])
            let values: [String: PlainValue] = [
                "list.0": .integer(5), "list.1": .none, "lr": .number(0.5), "name": .text("net"), "small": .integer(-2),
            ]
            #expect(checkpoint.values == values)
            #expect(checkpoint.skipped == ["big": "int"])
            #expect(checkpoint.storedBytes == 8)
        }
    }

    /// A training script's own object is passed over, and so is what hangs on it; nothing else suffers.
    @Test func unknownTypes() throws {
        let config = Pickled.global("yacs.config", "CfgNode") + Array(")\u{81}".unicodeScalars.map { UInt8($0.value) })
        let filled =
            config + Array("(".utf8) + Pickled.text("k") + Pickled.integer(1) + Array("u".utf8) + Pickled.none
            + Array("b".utf8)
        let object = Pickled.dictionary([("config", filled), ("w", Pickled.vector("0", count: 2))])
        try withFile(Zip.torch(object, [("0", Self.two)]).file) { path in
            let checkpoint = try Checkpoint.read(path)
            #expect(checkpoint.skipped == ["config": "yacs.config.CfgNode"])
            #expect(Array(checkpoint.tensors.keys) == ["w"])
        }
        try withFile(Zip.torch(config, []).file) { expectMalformed($0, "yacs.config.CfgNode") }
        try withFile(Zip.torch(Pickled.dictionary([("w", config)]), []).file) { expectMalformed($0, "CfgNode") }
    }

    /// Views with gaps, transposed, repeated, scalar and empty.
    @Test func views() throws {
        let storage = Pickled.storage("0", count: 6)
        let object = Pickled.dictionary([
            ("transposed", Pickled.tensor(storage, shape: [3, 1, 2], strides: [1, 77, 3])),
            ("repeated", Pickled.tensor(storage, offset: 4, shape: [2, 2], strides: [1, 0])),
            ("scalar", Pickled.tensor(storage, offset: 5, shape: [], strides: [])),
            ("empty", Pickled.tensor(storage, offset: 6, shape: [0, 3], strides: [3, 1])),
            ("channelsLast", Pickled.tensor(storage, shape: [1, 3, 1, 2], strides: [6, 1, 6, 3])),
        ])
        try withFile(Zip.torch(object, [("0", bytes(of: [0, 1, 2, 3, 4, 5]))]).file) { path in
            let tensors = try Checkpoint.read(path).tensors
            #expect(try tensors["transposed"]?.floats().array == [0, 3, 1, 4, 2, 5])
            #expect(try tensors["repeated"]?.floats().array == [4, 4, 5, 5])
            #expect(try tensors["repeated"]?.bytes() == bytes(of: [4, 4, 5, 5]))
            #expect(try tensors["scalar"]?.floats().array == [5])
            #expect(try tensors["empty"]?.floats().array == [])
            #expect(try tensors["channelsLast"]?.floats().array == [0, 3, 1, 4, 2, 5])
        }
    }

    @Test(arguments: [
        (0, [2], [1], true), (1, [1], [9], true), (2, [0], [1], true), (1, [2], [1], false), (3, [0], [1], false),
        (0, [2], [2], false), (0, [2], [-1], false), (-1, [1], [1], false), (0, [2, 2], [1], false),
        (0, [1 << 62, 1 << 62], [0, 0], false), (0, [2], [Int.max], false),
        (0, [3, 3], [Int.max / 2, Int.max / 2], false),
        (0, [1 << 30], [0], false),
    ])
    func viewsStayInside(_ offset: Int, _ shape: [Int], _ strides: [Int], _ isSound: Bool) throws {
        let tensor = Pickled.tensor(Pickled.storage("0", count: 2), offset: offset, shape: shape, strides: strides)
        try withFile(Zip.torch(Pickled.dictionary([("w", tensor)]), [("0", Self.two)]).file) { path in
            if isSound { try Checkpoint.read(path).verify() } else { expectMalformed(path, "") }
        }
    }

    /// Damage in an optimizer's storage does not stop anyone from using the network.
    @Test func storagesAreLazy() throws {
        let object = Pickled.dictionary([("w", Pickled.vector("0", count: 2)), ("m", Pickled.vector("1", count: 2))])
        var zip = Zip.torch(object, [("0", Self.two), ("1", Self.two)])
        zip.entries[2].checksum = 1
        try withFile(zip.file) { path in
            let checkpoint = try Checkpoint.read(path)
            #expect(try checkpoint.tensors["w"]?.floats().array == [1, 2])
            #expect { try checkpoint.tensors["m"]?.floats() } throws: { "\($0)".contains("checksum of `net/data/1`") }
            #expect(throws: CheckpointError.self) { try checkpoint.tensors["m"]?.floats() }
            expectMalformed(path, "checksum")
            #expect(throws: CheckpointError.self) { try checkpoint.write(to: path) }
            #expect(FileManager.default.contents(atPath: path) == Data(zip.file))
        }
    }

    @Test func brokenPickles() throws {
        let tensor = Pickled.vector("0", count: 2)
        let memoised = Array("}q".utf8) + [0]
        for (object, fragment) in [
            (Pickled.dictionary([("a.b", tensor), ("a", Pickled.dictionary([("b", tensor)]))]), "twice"),
            (Pickled.dictionary([("a\u{1b}[31m", tensor)]), "control"),
            (memoised + Pickled.text("k") + Array("h".utf8) + [0] + Array("s".utf8), "endlessly"),
            (Pickled.dictionary([("w", tensor), ("v", Pickled.vector("0", count: 1))]), "two ways"),
            (Pickled.dictionary([("w", Pickled.vector("9", count: 2))]), "missing"),
            (Pickled.dictionary([("w", Pickled.vector("0", count: 3))]), "needs 12 bytes"),
            (Pickled.call(Pickled.text("x")), "no function"), (Pickled.integer(1), "no dictionary"),
            (Array("}h".utf8) + [9], "reference to nothing"), (Array("t".utf8), "end without"),
            (Array("}(".utf8), "leftover"), (Array("\u{c}".utf8), "opcode 0xc"),
        ] {
            try withFile(Zip.torch(object, [("0", Self.two)]).file) { expectMalformed($0, fragment) }
        }
    }

    /// The older format: a view of a storage, the rebuilding function and texts of 2017, and either byte order.
    @Test(arguments: [true, false])
    func olderFormat(_ isLittle: Bool) throws {
        let view = Pickled.tuple(Pickled.text("7"), Pickled.integer(1), Pickled.integer(3))
        let storage = Pickled.storage("a", count: 4, view: view)
        let rebuilt = Pickled.call(
            Pickled.global("torch._utils", "_rebuild_tensor"), storage, Pickled.integer(1),
            Pickled.tuple(Pickled.integer(2)), Pickled.tuple(Pickled.integer(1)))
        let pair = Pickled.list(Pickled.bytes("w"), rebuilt)
        let object = Pickled.call(Pickled.global("collections", "OrderedDict"), Pickled.list(pair))
        let values: [Float] = [10, 11, 12, 13]
        let payload = isLittle ? bytes(of: values) : values.flatMap { little($0.bitPattern.byteSwapped) }
        let file = stream(object, [("a", 4, payload)], isLittle: isLittle)
        try withFile(file) { path in
            let checkpoint = try Checkpoint.read(path)
            #expect(try checkpoint.tensors["w"]?.floats().array == [12, 13])
        }
        try withFile(file + [0]) { expectMalformed($0, "something follows") }
        try withFile(Array(file.dropLast())) { expectMalformed($0, "ends too soon") }
        try withFile(stream(object, [("a", 3, payload)])) { expectMalformed($0, "not as many") }
        try withFile(stream(object, [])) { expectMalformed($0, "not complete") }
        try withFile(stream(object, [("b", 4, payload)])) { expectMalformed($0, "no tensor uses") }
    }
}
