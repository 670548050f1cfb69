import Tensors

/// Files of torch.save before version 1.6: five pickles (magic number, protocol, platform, the object, the keys of its
/// storages), then for each key the number of elements and their raw bytes (pytorch/pytorch, torch/serialization.py).
/// There are no checksums.
enum PyTorchStream {
    /// The first pickle: the number 0x1950a86a20f9469cfc6c.
    static let magic: [UInt8] = [
        0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
    ]

    static func read(_ contents: Storage, file: String) throws(Defect) -> Checkpoint {
        defer { withExtendedLifetime(contents) {} }
        let limit = min(contents.byteCount, PyTorchArchive.pickleLimit)
        var reader = ByteReader(.init(rebasing: contents.bytes[..<limit]), at: magic.count, subject: "the file")
        var pickle = Pickle()
        guard case .integer(1001) = try Unpickler.load(&reader, into: &pickle) else {
            throw Defect("is in a version of PyTorch's old format that is not supported")
        }
        let isBigEndian = try isBigEndian(try Unpickler.load(&reader, into: &pickle), pickle)
        let top = try Unpickler.load(&reader, into: &pickle)
        let order = try storageOrder(try Unpickler.load(&reader, into: &pickle), pickle)

        reader = ByteReader(contents.bytes, at: reader.position, subject: "the file")
        var sources: [LazyBytes?] = pickle.storages.map { _ in nil }
        for index in order {
            let storage = pickle.storages[index]
            let count = try reader.integer(UInt64.self)
            guard UInt64(storage.byteCount / (storage.scalarType?.byteCount ?? 1)) == count else {
                throw Defect("storage \(quoted(storage.key)) has \(count) elements, not as many as described")
            }
            let slice = LazyBytes.Slice(storage: contents, byteOffset: reader.position)
            _ = try reader.take(storage.byteCount)
            sources[index] = LazyBytes(byteCount: storage.byteCount, file: file) { () throws(Defect) in
                isBigEndian ? try slice.swapped(storage) : slice
            }
        }
        guard reader.remaining == 0 else { throw Defect("something follows the last storage") }
        return try Checkpoint(file: file, pickle: pickle, top: top, sources: sources.compactMap { $0 })
    }

    private static func isBigEndian(_ platform: Pickle.Value, _ pickle: Pickle) throws(Defect) -> Bool {
        guard case .dictionary(let index) = platform else { throw Defect("its description of the platform is damaged") }
        let items = pickle.containers[index]
        for i in stride(from: 0, to: items.count, by: 2) {
            guard case .text("little_endian") = items[i], case .boolean(let isLittle) = items[i + 1] else { continue }
            return !isLittle
        }
        throw Defect("its description of the platform is damaged")
    }

    /// The storages in the order of their bytes: each once.
    private static func storageOrder(_ keys: Pickle.Value, _ pickle: Pickle) throws(Defect) -> [Int] {
        guard case .list(let list) = keys else { throw Defect("its list of storages is damaged") }
        var order: [Int] = []
        for key in pickle.containers[list] {
            guard case .text(let key) = key, let index = pickle.storageIndices[key] else {
                throw Defect("its list of storages has one that no tensor uses")
            }
            order.append(index)
        }
        guard order.count == pickle.storages.count, Set(order).count == order.count else {
            throw Defect("its list of storages is not complete")
        }
        return order
    }
}
