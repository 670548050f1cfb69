import Foundation
import Interchange
import Tensors
import Testing

struct SafetensorsTests {
    static let four = bytes(of: [1, 2, 3, 4])

    @Test(arguments: [
        (
            #"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#,
            "twice"
        ),
        (
            #"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"\u0061":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#,
            "twice"
        ),
        (#"{"a":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, "twice"),
        (
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
            "gap"
        ),
        (
            #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
            "overlaps"
        ),
        (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#, "cover 12 bytes"),
        (#"{"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}}"#, "cover 20 bytes"),
        (#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16],"extra":1}}"#, "unknown field"),
        (#"{"a":{"dtype":"F32","shape":[4]}}"#, "needs"),
        (#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16,16]}}"#, "needs"),
        (#"{"a":{"dtype":"F32","shape":[04],"data_offsets":[0,16]}}"#, "whole number"),
        (#"{"a":{"dtype":"F32","shape":[4.0],"data_offsets":[0,16]}}"#, "found"),
        (#"{"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}"#, "whole number"),
        (#"{"a":{"dtype":"F32","shape":[4,],"data_offsets":[0,16]}}"#, "whole number"),
        (
            #"{"a":{"dtype":"F32","shape":[0,9223372036854775807,9223372036854775807],"data_offsets":[0,0]}}"#,
            "impossible"
        ),
        (#"{"a":{"dtype":"F8_E4M3","shape":[16],"data_offsets":[0,16]}}"#, "unsupported type"),
        (#"{"a":{"dtype":"F31","shape":[4],"data_offsets":[0,16]}}"#, "unknown type"),
        (#"{"a\u0000b":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, "control"),
        (#"{"\ud800":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, "pair"),
        (#"{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, "found"),
        (#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}} x"#, "after its end"),
        (#"{"a":[[[[[[4]]]]]]}"#, "found"),
    ])
    func refuses(_ header: String, _ fragment: String) throws {
        try withFile(safetensors(header, Self.four)) { expectMalformed($0, fragment) }
    }

    /// A length may begin like a web page, a gzip or a zip archive.
    @Test(arguments: [0x3c, 0x8b1f, 0x3c20])
    func lengthsThatLookLikeOtherFormats(_ length: Int) throws {
        let header = #"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#
        let padding = String(repeating: " ", count: length - header.utf8.count)
        try withFile(safetensors(header + padding)) { path in
            let checkpoint = try Checkpoint.read(path)
            #expect(checkpoint.tensors["a"]?.shape == [0])
        }
    }

    @Test func refusesHugeHeaders() throws {
        try withFile(little(UInt64(100_000_001)) + Array("{}".utf8)) { expectMalformed($0, "more than") }
        try withFile(little(UInt64(3)) + Array("{}".utf8)) { expectMalformed($0, "only 2 follow") }
    }

    /// Older writers did not align: such tensors are copied, the others share the mapped file.
    @Test func alignment() throws {
        for padding in ["", " ", "  ", "   "] {
            let header = #"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"# + padding
            try withFile(safetensors(header, Self.four)) { path in
                let tensor = try #require(try Checkpoint.read(path).tensors["a"])
                let floats = try tensor.floats()
                #expect(floats.shape == [2, 2] && floats.array == [1, 2, 3, 4])
                let isAligned = header.utf8.count.isMultiple(of: 4)
                #expect(try (tensor.floats().storage === floats.storage) == isAligned)
            }
        }
    }

    @Test func readsWhatJSONAllows() throws {
        let header =
            "\n\t {\"__metadata__\" : {\"k\\n\\u00e9\\ud83d\\ude00\":\"\\\"\\\\\\/\"}, "
            + "\"ü\":{\"data_offsets\":[0 , 16],\"shape\":[],\"dtype\":\"F32\"}}\r\n"
        let scalar = header.replacingOccurrences(of: "16", with: "4")
        try withFile(safetensors(scalar, bytes(of: [7]))) { path in
            let checkpoint = try Checkpoint.read(path)
            #expect(checkpoint.metadata == ["k\né😀": "\"\\/"])
            #expect(checkpoint.tensors["ü"]?.shape == [])
            #expect(try checkpoint.tensors["ü"]?.floats().array == [7])
        }
    }

    @Test func roundTrip() throws {
        let values = Tensor(shape: [2, 3], [0, 1, -2.5, 65504, 1e-7, -0.1])
        var checkpoint = Checkpoint(file: "memory", metadata: ["format": "pt", "line\n\u{1}": "\"quoted\\"])
        checkpoint.tensors["f32"] = StoredTensor(values)
        checkpoint.tensors["f16"] = StoredTensor(values, as: .float16)
        checkpoint.tensors["bf16"] = StoredTensor(values, as: .bfloat16)
        checkpoint.tensors["u8 é"] = StoredTensor([0, 255, 7] as [UInt8], shape: [3])
        checkpoint.tensors["i8"] = StoredTensor([-128, 127] as [Int8], shape: [2, 1])
        checkpoint.tensors["u16"] = StoredTensor([65535] as [UInt16], shape: [])
        checkpoint.tensors["i16"] = StoredTensor([-32768] as [Int16], shape: [1])
        checkpoint.tensors["u32"] = StoredTensor([UInt32.max], shape: [1])
        checkpoint.tensors["i32"] = StoredTensor([Int32.min], shape: [1])
        checkpoint.tensors["u64"] = StoredTensor([UInt64.max], shape: [1])
        checkpoint.tensors["i64"] = StoredTensor([Int.min, Int.max], shape: [2])
        checkpoint.tensors["empty"] = StoredTensor([] as [Int64], shape: [0, 4])
        try withTemporaryFolder { folder in
            let path = folder + "/net.safetensors"
            try checkpoint.write(to: path)
            let copy = try Checkpoint.read(path)
            try checkpoint.write(to: path)  // over the file that is in use
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["net.safetensors"])
            #expect(copy.metadata == checkpoint.metadata)
            #expect(Set(copy.tensors.keys) == Set(checkpoint.tensors.keys))
            #expect(copy.storedBytes == checkpoint.storedBytes)
            for (name, tensor) in checkpoint.tensors {
                let other = try #require(copy.tensors[name])
                #expect(other.shape == tensor.shape && other.scalarType == tensor.scalarType, "\(name)")
                #expect(try other.bytes() == tensor.bytes(), "\(name)")
            }
            #expect(try copy.tensors["f32"]?.floats().array == values.array)
            #expect(try copy.tensors["f16"]?.floats().array == [0, 1, -2.5, 65504, 0x1p-23, -0.099975586])
            #expect(try copy.tensors["bf16"]?.floats().array.prefix(3) == [0, 1, -2.5])
            #expect(try copy.tensors["i64"]?.integers() == [.min, .max])
            #expect(try copy.tensors["i8"]?.floats().array == [-128, 127])
            #expect(throws: CheckpointError.self) { try copy.tensors["u64"]?.integers() }
            #expect(throws: CheckpointError.self) { try copy.tensors["f32"]?.integers() }
        }
    }

    @Test func writeFailures() throws {
        let checkpoint = Checkpoint(file: "memory", tensors: ["a": StoredTensor([1] as [Int32], shape: [1])])
        try withTemporaryFolder { folder in
            #expect { try checkpoint.write(to: folder + "/none/x") } throws: { ($0 as? CheckpointError).isInaccessible }
            // A target that cannot be replaced.
            try FileManager.default.createDirectory(atPath: folder + "/x/y", withIntermediateDirectories: true)
            #expect { try checkpoint.write(to: folder + "/x") } throws: { ($0 as? CheckpointError).isInaccessible }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x"])
            let named = Checkpoint(file: "memory", tensors: ["__metadata__": StoredTensor([1] as [Int32], shape: [1])])
            #expect(throws: CheckpointError.self) { try named.write(to: folder + "/z") }
        }
    }
}

extension CheckpointError? {
    var isInaccessible: Bool { if case .inaccessible = self { true } else { false } }
}

func expectMalformed(_ path: String, _ fragment: String, sourceLocation: SourceLocation = #_sourceLocation) {
    do {
        try Checkpoint.read(path).verify()
        Issue.record("was read, but should have been refused: \(fragment)", sourceLocation: sourceLocation)
    } catch {
        guard case .malformed(path, let reason) = error else {
            Issue.record("\(error)", sourceLocation: sourceLocation)
            return
        }
        #expect(fragment.isEmpty || reason.contains(fragment), sourceLocation: sourceLocation)
    }
}
