import Tensors

/// A tensor as a checkpoint stores it; converted when somebody asks.
package struct StoredTensor: Sendable {
    package let scalarType: ScalarType
    package let shape: [Int]
    /// In elements; row-major contiguous for safetensors, anything non-negative for PyTorch files.
    package let strides: [Int]
    private let storage: Storage
    private let byteOffset: Int

    /// A contiguous tensor at `byteOffset` of `storage`.
    package init(scalarType: ScalarType, shape: [Int], storage: Storage, byteOffset: Int) {
        self.scalarType = scalarType
        self.shape = shape
        strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
        self.storage = storage
        self.byteOffset = byteOffset
    }

    package var count: Int { shape.reduce(1, *) }

    /// The values as float32; shares the memory where that is what is stored.
    package func floats() throws(CheckpointError) -> Tensor {
        precondition(scalarType == .float32)
        return Tensor(shape: shape, storage: storage, byteOffset: byteOffset)
    }
}
