import Tensors

/// A tensor as a checkpoint stores it; loaded and converted when somebody asks.
package struct StoredTensor: Sendable {
    package let scalarType: ScalarType
    package let shape: [Int]
    /// In elements; row-major contiguous for safetensors, anything non-negative for PyTorch files.
    package let strides: [Int]
    let source: LazyBytes
    let byteOffset: Int

    /// A view that its reader has checked to lie within `source`.
    init(scalarType: ScalarType, shape: [Int], strides: [Int]? = nil, source: LazyBytes, byteOffset: Int) {
        self.scalarType = scalarType
        self.shape = shape
        self.strides = strides ?? StoredTensor.contiguousStrides(shape)
        self.source = source
        self.byteOffset = byteOffset
    }

    /// A contiguous tensor at `byteOffset` of `storage`.
    package init(scalarType: ScalarType, shape: [Int], storage: Storage, byteOffset: Int) {
        let byteCount = shape.reduce(1, *) * scalarType.byteCount
        precondition(byteOffset >= 0 && byteOffset + byteCount <= storage.byteCount)
        let source = LazyBytes(.init(storage: storage, byteOffset: 0), byteCount: storage.byteCount, file: "tensor")
        self.init(scalarType: scalarType, shape: shape, source: source, byteOffset: byteOffset)
    }

    /// Integers as they are; `Value` is one of the fixed-width types, or `Int`.
    package init<Value: FixedWidthInteger & BitwiseCopyable>(_ values: [Value], shape: [Int]) {
        precondition(values.count == shape.reduce(1, *))
        let storage = Storage(byteCount: values.count * MemoryLayout<Value>.size)
        values.withUnsafeBytes {
            storage.base.copyMemory(from: $0.baseAddress ?? .init(storage.base), byteCount: $0.count)
        }
        let types: [ScalarType] =
            Value.isSigned ? [.int8, .int16, .int32, .int64] : [.uint8, .uint16, .uint32, .uint64]
        let type = types[MemoryLayout<Value>.size.trailingZeroBitCount]
        self.init(scalarType: type, shape: shape, storage: storage, byteOffset: 0)
    }

    /// A tensor as float32, which shares its memory, or rounded to float16 or bfloat16 (to nearest, ties to even).
    package init(_ tensor: Tensor, as type: ScalarType = .float32) {
        func rounded(_ round: (Float) -> UInt16) -> Storage {
            let storage = Storage(byteCount: tensor.count * 2)
            let target = storage.base.bindMemory(to: UInt16.self, capacity: tensor.count)
            for (i, value) in tensor.floats.enumerated() { target[i] = round(value) }
            return storage
        }
        switch type {
        case .float32:
            let start = UnsafeRawPointer(tensor.floats.baseAddress) ?? .init(tensor.storage.base)
            let offset = start - UnsafeRawPointer(tensor.storage.base)
            self.init(scalarType: type, shape: tensor.shape, storage: tensor.storage, byteOffset: offset)
        case .float16:
            self.init(scalarType: type, shape: tensor.shape, storage: rounded(HalfPrecision.half), byteOffset: 0)
        case .bfloat16:
            self.init(scalarType: type, shape: tensor.shape, storage: rounded(HalfPrecision.bfloat), byteOffset: 0)
        default: preconditionFailure("a float32 tensor is not stored as \(type)")
        }
    }

    package var count: Int { shape.reduce(1, *) }

    /// The bytes of the elements, each counted once per position (also where a stride of 0 repeats them).
    package var byteCount: Int { count * scalarType.byteCount }

    /// Whether the elements lie in row-major order without gaps.
    package var isContiguous: Bool {
        zip(shape, zip(strides, StoredTensor.contiguousStrides(shape))).allSatisfy { size, pair in
            size == 1 || pair.0 == pair.1
        } || count == 0
    }

    static func contiguousStrides(_ shape: [Int]) -> [Int] {
        var strides = shape
        var product = 1
        for i in shape.indices.reversed() {
            strides[i] = product
            product *= max(shape[i], 1)
        }
        return strides
    }
}
