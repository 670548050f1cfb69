import Tensors

extension StoredTensor {
    /// The values as float32, in row-major order; shares the memory where that is what is stored, at a multiple of 4.
    ///
    /// Numbers that float32 cannot hold are rounded to the nearest; truth values become 0 and 1.
    package func floats() throws(CheckpointError) -> Tensor {
        let slice = try source.slice()
        let start = slice.byteOffset + byteOffset
        if scalarType == .float32, isContiguous, start % 4 == 0 {
            return Tensor(shape: shape, storage: slice.storage, byteOffset: start)
        }
        let base = UnsafeRawPointer(slice.storage.base + start)  // `source` keeps the memory alive
        return Tensor(shape: shape) { target in
            switch scalarType {
            case .bool: gather(UInt8.self, from: base, into: target) { $0 == 0 ? 0 : 1 }
            case .uint8: gather(UInt8.self, from: base, into: target) { Float($0) }
            case .int8: gather(Int8.self, from: base, into: target) { Float($0) }
            case .uint16: gather(UInt16.self, from: base, into: target) { Float($0) }
            case .int16: gather(Int16.self, from: base, into: target) { Float($0) }
            case .uint32: gather(UInt32.self, from: base, into: target) { Float($0) }
            case .int32: gather(Int32.self, from: base, into: target) { Float($0) }
            case .uint64: gather(UInt64.self, from: base, into: target) { Float($0) }
            case .int64: gather(Int64.self, from: base, into: target) { Float($0) }
            case .float16: gather(UInt16.self, from: base, into: target) { HalfPrecision.float(half: $0) }
            case .bfloat16: gather(UInt16.self, from: base, into: target) { HalfPrecision.float(bfloat: $0) }
            case .float32: gather(Float.self, from: base, into: target) { $0 }
            case .float64: gather(Double.self, from: base, into: target) { Float($0) }
            }
        }
    }

    /// The values of a tensor of integers or truth values (0 and 1), in row-major order.
    ///
    /// Throws for floating-point tensors, and for unsigned values above `Int.max`.
    package func integers() throws(CheckpointError) -> [Int] {
        let slice = try source.slice()
        let base = UnsafeRawPointer(slice.storage.base + slice.byteOffset + byteOffset)
        var fits = !scalarType.isFloatingPoint
        let values = [Int](unsafeUninitializedCapacity: fits ? count : 0) { target, initialized in
            switch scalarType {
            case .bool: gather(UInt8.self, from: base, into: target) { $0 == 0 ? 0 : 1 }
            case .uint8: gather(UInt8.self, from: base, into: target) { Int($0) }
            case .int8: gather(Int8.self, from: base, into: target) { Int($0) }
            case .uint16: gather(UInt16.self, from: base, into: target) { Int($0) }
            case .int16: gather(Int16.self, from: base, into: target) { Int($0) }
            case .uint32: gather(UInt32.self, from: base, into: target) { Int($0) }
            case .int32: gather(Int32.self, from: base, into: target) { Int($0) }
            case .int64: gather(Int64.self, from: base, into: target) { Int($0) }
            case .uint64:
                gather(UInt64.self, from: base, into: target) { value in
                    fits = fits && value <= UInt64(Int.max)
                    return Int(truncatingIfNeeded: value)
                }
            case .float16, .bfloat16, .float32, .float64: return
            }
            initialized = count
        }
        guard fits else {
            throw .malformed(file: source.file, reason: "integers expected, found \(scalarType.rawValue) values")
        }
        return values
    }

    /// The elements' bytes in row-major order, little-endian.
    package func bytes() throws(CheckpointError) -> [UInt8] {
        let slice = try source.slice()
        let base = UnsafeRawPointer(slice.storage.base + slice.byteOffset + byteOffset)
        let size = scalarType.byteCount
        let bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { target, initialized in
            initialized = byteCount
            guard count > 0, let start = UnsafeMutableRawPointer(target.baseAddress) else { return }
            if isContiguous { return start.copyMemory(from: base, byteCount: byteCount) }
            func gather<Bits: BitwiseCopyable>(_ type: Bits.Type) {
                let elements = UnsafeMutableBufferPointer(
                    start: start.bindMemory(to: type, capacity: count), count: count)
                self.gather(type, from: base, into: elements) { $0 }
            }
            switch size {
            case 1: gather(UInt8.self)
            case 2: gather(UInt16.self)
            case 4: gather(UInt32.self)
            default: gather(UInt64.self)
            }
        }
        return bytes
    }

    /// Writes every element, converted, in row-major order.
    @inline(__always)
    private func gather<Stored: BitwiseCopyable, Value>(
        _ type: Stored.Type, from base: UnsafeRawPointer, into target: UnsafeMutableBufferPointer<Value>,
        _ convert: (Stored) -> Value
    ) {
        let size = MemoryLayout<Stored>.size
        let count = count
        guard count > 0 else { return }
        let isContiguous = isContiguous
        let rowLength = isContiguous ? count : shape[shape.count - 1]
        let step = (isContiguous ? 1 : strides[shape.count - 1]) * size
        var index = shape.map { _ in 0 }
        var row = base
        for written in stride(from: 0, to: count, by: rowLength) {
            for i in 0..<rowLength {
                target[written + i] = convert(row.loadUnaligned(fromByteOffset: i * step, as: type))
            }
            // Advance the index of all dimensions but the last, the way an odometer turns.
            var dimension = shape.count - 2
            while dimension >= 0, written + rowLength < count {
                index[dimension] += 1
                row += strides[dimension] * size
                if index[dimension] < shape[dimension] { break }
                row -= index[dimension] * strides[dimension] * size
                index[dimension] = 0
                dimension -= 1
            }
        }
    }
}
