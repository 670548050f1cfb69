import CZlib
import Tensors

/// A zip archive in memory, read by its central directory.
///
/// Why not libzip: it hides where the bytes of an entry lie, so that nothing could be used in place, and it opens the
/// last of several concatenated archives where PyTorch opens the first. Here, anything that two readers might see
/// differently is refused: bytes that belong to no entry, overlaps, names that differ or come twice, encryption, a
/// comment, several disks. Checksums are verified when an entry's bytes are taken; PyTorch may leave them 0, for none.
struct ZipArchive {
    struct Entry: Sendable {
        let name: String
        let isDeflated: Bool
        let checksum: UInt32
        let compressedCount: Int
        let byteCount: Int
        /// Where the local header begins.
        let headerOffset: Int
        /// Where the bytes begin.
        var payloadOffset = 0
    }

    private(set) var entries: [String: Entry] = [:]
    /// What all names begin with, up to the first slash and with it.
    let folder: String
    private let contents: Storage

    private static let entryLimit = 1 << 18

    init(_ contents: Storage) throws(Defect) {
        defer { withExtendedLifetime(contents) {} }
        self.contents = contents
        let end = try ZipDirectoryEnd(contents.bytes)
        guard end.entryCount <= ZipArchive.entryLimit, end.entryCount * 46 <= end.directory.count else {
            throw Defect("the zip archive claims \(end.entryCount) entries, more than there can be")
        }
        let directory = UnsafeRawBufferPointer(rebasing: contents.bytes[end.directory])
        var reader = ByteReader(directory, subject: "the zip directory")
        var ordered: [Entry] = []
        for _ in 0..<end.entryCount {
            let entry = try Entry(directory: &reader)
            ordered.append(entry)
        }
        guard reader.remaining == 0 else { throw Defect("the zip directory is longer than its entries") }
        guard let slash = ordered.first?.name.firstIndex(of: "/") else {
            throw Defect("is a zip archive, but not one that torch.save wrote")
        }
        folder = String(ordered[0].name[...slash])
        try locate(ordered, before: end.directory.lowerBound)
        try checkInflation()
    }

    /// Checks the local headers, and that entries follow each other with nothing between them but the 12 to 24 bytes
    /// of a data descriptor.
    private mutating func locate(_ ordered: [Entry], before limit: Int) throws(Defect) {
        var covered = 0
        for var entry in ordered.sorted(by: { $0.headerOffset < $1.headerOffset }) {
            guard entry.name.hasPrefix(folder) else {
                throw Defect("the zip entry \(quoted(entry.name)) is outside of \(quoted(folder))")
            }
            guard (0...24).contains(entry.headerOffset - covered), covered > 0 || entry.headerOffset == 0 else {
                throw Defect(
                    "the zip entry \(quoted(entry.name)) overlaps another, or bytes that belong to no entry come before it"
                )
            }
            var reader = ByteReader(
                .init(rebasing: contents.bytes[..<limit]), at: min(entry.headerOffset, limit), subject: "a zip entry")
            try entry.locatePayload(&reader)
            covered = reader.position
            guard entries.updateValue(entry, forKey: entry.name) == nil else {
                throw Defect("the zip archive holds \(quoted(entry.name)) twice")
            }
        }
        guard (0...24).contains(limit - covered) else {
            throw Defect("the zip archive holds bytes that belong to no entry")
        }
    }

    /// Deflate can shrink a thousandfold: beyond 16 MiB, an archive may grow a hundredfold, which weights never do.
    private func checkInflation() throws(Defect) {
        let deflated = entries.values.filter(\.isDeflated)
        let compressed = deflated.reduce(0) { $0 + $1.compressedCount }
        var inflated = 0
        for entry in deflated {
            let fits = entry.byteCount < 1 << 31 && entry.compressedCount < 1 << 31
            inflated += fits ? entry.byteCount : 0
            guard fits, inflated <= max(16 << 20, compressed * 100) else {
                throw Defect("the zip archive would unpack to far more than its size")
            }
        }
    }

    /// The bytes of an entry; in place if they are stored as they are.
    func bytes(of entry: Entry) throws(Defect) -> LazyBytes.Slice {
        let slice =
            entry.isDeflated
            ? LazyBytes.Slice(storage: try inflated(entry), byteOffset: 0)
            : LazyBytes.Slice(storage: contents, byteOffset: entry.payloadOffset)
        let start = (slice.storage.base + slice.byteOffset).assumingMemoryBound(to: UInt8.self)
        guard entry.checksum == 0 || crc32_z(0, start, entry.byteCount) == UInt(entry.checksum) else {
            throw Defect("the checksum of \(quoted(entry.name)) is wrong: the file is damaged")
        }
        return slice
    }

    private func inflated(_ entry: Entry) throws(Defect) -> Storage {
        let storage = Storage(byteCount: entry.byteCount)
        var stream = z_stream()
        let rawDeflate: Int32 = -15
        guard inflateInit2_(&stream, rawDeflate, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw Defect("zlib cannot be initialised")
        }
        defer { inflateEnd(&stream) }
        stream.next_in = (contents.base + entry.payloadOffset).assumingMemoryBound(to: UInt8.self)
        stream.avail_in = UInt32(entry.compressedCount)
        stream.next_out = storage.base.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = UInt32(entry.byteCount)
        guard inflate(&stream, Z_FINISH) == Z_STREAM_END, stream.avail_in == 0, stream.avail_out == 0 else {
            throw Defect("the zip entry \(quoted(entry.name)) does not unpack to its size")
        }
        return storage
    }
}
