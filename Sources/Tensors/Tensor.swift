/// A dense, row-major float32 array with a shape; images and activations are N×C×H×W.
///
/// A value: it is never changed once made, and copies share the memory.
package struct Tensor: Sendable {
    package let shape: [Int]
    package let storage: Storage
    private let start: Int

    /// A view of `storage`, which holds the elements from `byteOffset` on (a multiple of 4).
    package init(shape: [Int], storage: Storage, byteOffset: Int = 0) {
        let count = shape.reduce(1, *)
        precondition(byteOffset % 4 == 0 && byteOffset >= 0 && byteOffset + count * 4 <= storage.byteCount)
        self.shape = shape
        self.storage = storage
        start = byteOffset
    }

    /// A new tensor whose elements `fill` writes; they are zero at first.
    package init(shape: [Int], fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
        let count = shape.reduce(1, *)
        storage = Storage(byteCount: count * 4)
        self.shape = shape
        start = 0
        try fill(.init(start: storage.base.assumingMemoryBound(to: Float.self), count: count))
    }

    package init(shape: [Int], _ values: [Float]) {
        precondition(values.count == shape.reduce(1, *))
        self.init(shape: shape) { buffer in _ = buffer.initialize(from: values) }
    }

    package var count: Int { shape.reduce(1, *) }

    /// The elements in row-major order; valid as long as this tensor's storage is kept alive.
    package var floats: UnsafeBufferPointer<Float> {
        .init(start: UnsafePointer((storage.base + start).assumingMemoryBound(to: Float.self)), count: count)
    }

    package var array: [Float] { Array(floats) }

    /// Says that the elements will not be read soon: those of a mapped file stop counting as this process' memory.
    package func releasePages() { storage.releasePages(start..<start + count * 4) }

    /// The same elements under another shape of as many elements.
    package func reshaped(_ shape: [Int]) -> Tensor {
        precondition(shape.reduce(1, *) == count)
        return Tensor(shape: shape, storage: storage, byteOffset: start)
    }
}
