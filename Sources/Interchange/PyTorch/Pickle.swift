/// What a pickle of torch.save describes, as inert data.
///
/// Containers refer to each other by index, so that neither depth nor cycles matter to whoever builds or frees them.
struct Pickle {
    enum Value {
        case none
        case boolean(Bool)
        case integer(Int)
        case number(Double)
        case text(String)
        /// Indices of `containers`.
        case list(Int)
        case tuple(Int)
        /// Keys and values in turn.
        case dictionary(Int)
        case function(Function)
        case scalarType(ScalarType)
        /// The class of a storage; nil where it holds bytes of no type.
        case storageType(ScalarType?)
        /// A range of the bytes of one of `storages`.
        case storage(Int, bytes: Range<Int>)
        /// An index of `tensors`.
        case tensor(Int)
        /// Something that is not made, by the name of its Python type or function.
        case opaque(String)
    }

    /// The functions that torch.save has called, by their effect.
    enum Function {
        case orderedDictionary, size, rebuildTensor, rebuildTyped, rebuildParameter
    }

    struct StoredRange {
        let key: String
        /// nil: bytes of no type.
        let scalarType: ScalarType?
        let byteCount: Int
    }

    struct View {
        let scalarType: ScalarType
        let shape: [Int]
        let strides: [Int]
        let storage: Int
        let byteOffset: Int
    }

    var containers: [[Value]] = []
    var storages: [StoredRange] = []
    var storageIndices: [String: Int] = [:]
    var tensors: [View] = []
    /// All that a file's pickles may still do.
    var operationsLeft = 1_000_000

    mutating func newContainer(_ values: [Value] = []) -> Int {
        containers.append(values)
        return containers.count - 1
    }

    /// The value of a global name: known classes and functions by their meaning, all others opaque.
    static func global(module: String, name: String) -> Value {
        switch (module, name) {
        case ("collections", "OrderedDict"): .function(.orderedDictionary)
        case ("torch", "Size"): .function(.size)
        case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"): .function(.rebuildTensor)
        case ("torch._utils", "_rebuild_tensor_v3"): .function(.rebuildTyped)
        case ("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_parameter_with_state"):
            .function(.rebuildParameter)
        case ("torch.storage", "UntypedStorage"), ("torch", "UntypedStorage"): .storageType(nil)
        case ("torch", let name): torchNames[name] ?? .opaque("torch.\(name)")
        default: .opaque("\(module).\(name)")
        }
    }

    private static let torchNames: [String: Value] = {
        let storages: [(String, ScalarType)] = [
            ("Double", .float64), ("Float", .float32), ("Half", .float16), ("BFloat16", .bfloat16), ("Long", .int64),
            ("Int", .int32), ("Short", .int16), ("Char", .int8), ("Byte", .uint8), ("Bool", .bool),
        ]
        var names: [String: Value] = [:]
        for (name, type) in storages { names["\(name)Storage"] = .storageType(type) }
        for type in ScalarType.allCases { names[type.rawValue] = .scalarType(type) }
        return names
    }()
}
