/// The functions that describe tensors (pytorch/pytorch, torch/_utils.py and torch/serialization.py).
extension Pickle {
    /// The storage that a persistent identifier names: ("storage", class, key, device, number of elements), in the
    /// older format with a view of it, (key, first element, number of elements) or None.
    mutating func storage(identifier: Value) throws(Defect) -> Value {
        let fields = try items(identifier, "a storage")
        guard case .text(let kind) = fields.first else { throw Defect("a storage without its kind") }
        guard kind == "storage" else {
            throw Defect("holds a whole pickled \(quoted(kind)); save its state_dict instead")
        }
        guard fields.count == 5 || fields.count == 6, case .text(let key) = fields[2],
            case .integer(let count) = fields[4]
        else { throw Defect("a storage is not described as torch.save does it") }
        if case .opaque = fields[1] { return fields[1] }
        guard case .storageType(let type) = fields[1] else { throw Defect("a storage of something that is no type") }
        let size = type?.byteCount ?? 1
        guard count >= 0, count <= Int.max / 16 else { throw Defect("storage \(quoted(key)) has an impossible size") }
        let index: Int
        if let known = storageIndices[key] {
            guard storages[known].scalarType == type, storages[known].byteCount == count * size else {
                throw Defect("storage \(quoted(key)) is described in two ways")
            }
            index = known
        } else {
            index = storages.count
            storages.append(StoredRange(key: key, scalarType: type, byteCount: count * size))
            storageIndices[key] = index
        }
        guard fields.count == 6, case .tuple(let container) = fields[5] else {
            return .storage(index, bytes: 0..<count * size)
        }
        let view = containers[container]
        guard view.count == 3, case .integer(let first) = view[1], case .integer(let length) = view[2],
            (0...count).contains(first), (0...count - first).contains(length)
        else { throw Defect("a view leaves its storage \(quoted(key))") }
        return .storage(index, bytes: first * size..<(first + length) * size)
    }

    /// What a known function returns; opaque functions and arguments return something opaque.
    mutating func call(_ function: Value, arguments: Value) throws(Defect) -> Value {
        if case .opaque = function { return function }
        guard case .function(let function) = function else {
            throw Defect("the pickle calls something that is no function")
        }
        if case .opaque = arguments { return arguments }
        let arguments = try items(arguments, "arguments")
        switch function {
        case .orderedDictionary: return .dictionary(newContainer(try pairs(arguments)))
        case .size:
            guard arguments.count == 1 else { throw Defect("a size without its numbers") }
            return .tuple(newContainer(try items(arguments[0], "a size")))
        case .rebuildTensor: return try tensor(arguments, counts: [4, 6, 7], type: nil)
        case .rebuildTyped:
            guard arguments.count > 6 else { throw Defect("a tensor with too few arguments") }
            if case .opaque = arguments[6] { return arguments[6] }
            guard case .scalarType(let type) = arguments[6] else { throw Defect("a tensor without its type") }
            return try tensor(arguments, counts: [7, 8], type: type)
        case .rebuildParameter:
            switch arguments.first {
            case .tensor, .opaque: return arguments[0]
            default: throw Defect("a parameter without its tensor")
            }
        }
    }

    /// A view of a storage: (storage, first element, sizes, strides, …); offset and strides count elements.
    private mutating func tensor(_ arguments: [Value], counts: [Int], type: ScalarType?) throws(Defect) -> Value {
        guard counts.contains(arguments.count) else { throw Defect("a tensor with \(arguments.count) arguments") }
        if case .opaque = arguments[0] { return arguments[0] }
        guard case .storage(let index, let bytes) = arguments[0] else { throw Defect("a tensor without a storage") }
        guard let type = type ?? storages[index].scalarType else { throw Defect("a tensor without a type") }
        guard case .integer(let offset) = arguments[1] else { throw Defect("a tensor without an offset") }
        let shape = try integers(arguments[2])
        let strides = try integers(arguments[3])
        guard shape.count == strides.count, let count = checkedCount(shape) else {
            throw Defect("a tensor with an impossible shape")
        }
        let capacity = bytes.count / type.byteCount
        guard (0...capacity).contains(offset), strides.allSatisfy({ $0 >= 0 }) else {
            throw Defect("a tensor begins outside of its storage, or runs backwards")
        }
        var last = offset
        for (size, stride) in zip(shape, strides) where count > 0 {
            let (step, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
            guard !overflow, step < capacity - last else { throw Defect("a tensor leaves its storage") }
            last += step
        }
        guard count == 0 || last < capacity else { throw Defect("a tensor leaves its storage") }
        tensors.append(
            View(
                scalarType: type, shape: shape, strides: strides, storage: index,
                byteOffset: bytes.lowerBound + offset * type.byteCount))
        return .tensor(tensors.count - 1)
    }

    private func items(_ value: Value, _ subject: String) throws(Defect) -> [Value] {
        switch value {
        case .tuple(let index), .list(let index): return containers[index]
        default: throw Defect("the pickle has something else where \(subject) should be")
        }
    }

    private func integers(_ value: Value) throws(Defect) -> [Int] {
        var result: [Int] = []
        for item in try items(value, "a shape") {
            guard case .integer(let number) = item, result.count < 64 else {
                throw Defect("a shape of something else than up to 64 whole numbers")
            }
            result.append(number)
        }
        return result
    }

    /// Keys and values in turn; Python 2 gives an OrderedDict a list of them.
    private func pairs(_ arguments: [Value]) throws(Defect) -> [Value] {
        guard let list = arguments.first else { return [] }
        var result: [Value] = []
        for pair in try items(list, "a dictionary's items") {
            let pair = try items(pair, "a dictionary's item")
            guard pair.count == 2 else { throw Defect("a dictionary's item is not a pair") }
            result += pair
        }
        return result
    }
}
