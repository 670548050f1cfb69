import Tensors

/// Files of torch.save since version 1.6: a zip archive with a pickle, and an entry of raw bytes for each storage
/// (pytorch/pytorch, torch/serialization.py and caffe2/serialize/inline_container.cc).
enum PyTorchArchive {
    static let pickleLimit = 64 << 20

    static func read(_ contents: Storage, file: String) throws(Defect) -> Checkpoint {
        let archive = try ZipArchive(contents)
        let folder = archive.folder
        guard archive.entries[folder + "constants.pkl"] == nil else {
            throw Defect("is a TorchScript program; save the model's state_dict instead")
        }
        guard let entry = archive.entries[folder + "data.pkl"] else {
            throw Defect(
                "is a zip archive, but not one that torch.save wrote: \(quoted(folder + "data.pkl")) is missing")
        }
        let isBigEndian = try isBigEndian(archive)
        var pickle = Pickle()
        let top = try load(entry, of: archive, into: &pickle)
        var sources: [LazyBytes] = []
        for storage in pickle.storages {
            guard let entry = archive.entries["\(folder)data/\(storage.key)"] else {
                throw Defect("the bytes of storage \(quoted(storage.key)) are missing")
            }
            guard entry.byteCount == storage.byteCount else {
                throw Defect(
                    "storage \(quoted(storage.key)) needs \(storage.byteCount) bytes, but there are \(entry.byteCount)")
            }
            sources.append(
                LazyBytes(byteCount: entry.byteCount, file: file) { () throws(Defect) in
                    let slice = try archive.bytes(of: entry)
                    return isBigEndian ? try slice.swapped(storage) : slice
                })
        }
        return try Checkpoint(file: file, pickle: pickle, top: top, sources: sources)
    }

    private static func load(
        _ entry: ZipArchive.Entry, of archive: ZipArchive, into pickle: inout Pickle
    ) throws(Defect) -> Pickle.Value {
        guard entry.byteCount <= pickleLimit else {
            throw Defect("its pickle has \(entry.byteCount) bytes, more than the \(pickleLimit) allowed")
        }
        let slice = try archive.bytes(of: entry)
        defer { withExtendedLifetime(slice.storage) {} }
        let bytes = UnsafeRawBufferPointer(start: slice.storage.base + slice.byteOffset, count: entry.byteCount)
        var reader = ByteReader(bytes, subject: "the pickle")
        let top = try Unpickler.load(&reader, into: &pickle)
        guard reader.remaining == 0 else { throw Defect("something follows the end of the pickle") }
        return top
    }

    private static func isBigEndian(_ archive: ZipArchive) throws(Defect) -> Bool {
        guard let entry = archive.entries[archive.folder + "byteorder"] else { return false }
        guard entry.byteCount <= 16 else { throw Defect("its byte order is neither little nor big") }
        let slice = try archive.bytes(of: entry)
        defer { withExtendedLifetime(slice.storage) {} }
        let bytes = UnsafeRawBufferPointer(start: slice.storage.base + slice.byteOffset, count: entry.byteCount)
        switch String(decoding: bytes, as: UTF8.self) {
        case "little": return false
        case "big": return true
        default: throw Defect("its byte order is neither little nor big")
        }
    }
}

extension LazyBytes.Slice {
    /// A copy with the bytes of every element reversed.
    func swapped(_ storage: Pickle.StoredRange) throws(Defect) -> LazyBytes.Slice {
        guard let size = storage.scalarType?.byteCount else {
            throw Defect("storage \(quoted(storage.key)) is big-endian and without a type")
        }
        let copy = Storage(byteCount: storage.byteCount)
        for i in 0..<storage.byteCount {
            let mirrored = i - i % size + (size - 1 - i % size)
            copy.base.storeBytes(
                of: self.storage.base.load(fromByteOffset: byteOffset + i, as: UInt8.self),
                toByteOffset: mirrored, as: UInt8.self)
        }
        return LazyBytes.Slice(storage: copy, byteOffset: 0)
    }
}

extension Checkpoint {
    /// The flattened contents of a PyTorch file; `sources` has the bytes of the pickle's storages.
    init(file: String, pickle: Pickle, top: Pickle.Value, sources: [LazyBytes]) throws(Defect) {
        let flat = try Flattening(pickle, top: top)
        self.init(file: file, values: flat.values)
        skipped = flat.skipped
        // Strides of 0 repeat elements: a small file must not be able to ask for all memory.
        var elementsLeft = 1 << 24
        for source in sources { elementsLeft += 4 * source.byteCount }
        for (name, index) in flat.tensors {
            let view = pickle.tensors[index]
            let tensor = StoredTensor(
                scalarType: view.scalarType, shape: view.shape, strides: view.strides, source: sources[view.storage],
                byteOffset: view.byteOffset)
            elementsLeft -= tensor.count
            guard elementsLeft >= 0 else { throw Defect("tensor \(quoted(name)) repeats its bytes too often") }
            tensors[name] = tensor
        }
    }
}
