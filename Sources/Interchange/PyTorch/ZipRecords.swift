/// Where the directory of a zip archive lies, from the records at the end of the file (APPNOTE.TXT, 4.3.14 to 4.3.16).
struct ZipDirectoryEnd {
    let entryCount: Int
    let directory: Range<Int>

    init(_ bytes: UnsafeRawBufferPointer) throws(Defect) {
        let position = bytes.count - 22
        guard position >= 0 else { throw Defect("the zip archive is cut off") }
        var end = ByteReader(bytes, at: position, subject: "the zip archive")
        guard try end.integer(UInt32.self) == 0x0605_4b50 else {
            throw Defect("the zip archive is cut off, or something follows its end")
        }
        let disks = (try end.integer(UInt16.self), try end.integer(UInt16.self))
        let counts = (try end.integer(UInt16.self), try end.integer(UInt16.self))
        var size = UInt64(try end.integer(UInt32.self))
        var offset = UInt64(try end.integer(UInt32.self))
        guard disks == (0, 0), counts.0 == counts.1, try end.integer(UInt16.self) == 0 else {
            throw Defect("the zip archive has several disks or a comment")
        }
        var count = UInt64(counts.1)
        var directoryEnd = position
        if let large = try ZipDirectoryEnd.zip64(bytes, before: position) {
            // The small fields either agree, or are all ones to say that they do not fit.
            guard count == large.count || count == 0xffff, size == large.size || size == 0xffff_ffff,
                offset == large.offset || offset == 0xffff_ffff
            else { throw Defect("the two end records of the zip archive disagree") }
            (count, size, offset, directoryEnd) = (large.count, large.size, large.offset, large.position)
        }
        guard offset <= UInt64(directoryEnd), size == UInt64(directoryEnd) - offset, count <= size else {
            throw Defect("the zip directory is not where the end record says: the file is damaged, or two in one")
        }
        entryCount = Int(count)
        directory = Int(offset)..<directoryEnd
    }

    private static func zip64(
        _ bytes: UnsafeRawBufferPointer, before position: Int
    ) throws(Defect) -> (count: UInt64, size: UInt64, offset: UInt64, position: Int)? {
        guard position >= 76 else { return nil }
        var locator = ByteReader(bytes, at: position - 20, subject: "the zip archive")
        guard try locator.integer(UInt32.self) == 0x0706_4b50 else { return nil }
        let disk = try locator.integer(UInt32.self)
        let start = try locator.integer(UInt64.self)
        guard disk == 0, try locator.integer(UInt32.self) == 1, start == UInt64(position - 76) else {
            throw Defect("the zip64 record is not where its locator says")
        }
        var record = ByteReader(bytes, at: Int(start), subject: "the zip archive")
        guard try record.integer(UInt32.self) == 0x0606_4b50, try record.integer(UInt64.self) == 44 else {
            throw Defect("the zip64 record is damaged")
        }
        _ = try record.take(4)  // versions
        let disks = (try record.integer(UInt32.self), try record.integer(UInt32.self))
        let counts = (try record.integer(UInt64.self), try record.integer(UInt64.self))
        guard disks == (0, 0), counts.0 == counts.1 else { throw Defect("the zip archive has several disks") }
        return (counts.1, try record.integer(UInt64.self), try record.integer(UInt64.self), Int(start))
    }
}

extension ZipArchive.Entry {
    /// A record of the central directory (APPNOTE.TXT, 4.3.12).
    init(directory reader: inout ByteReader) throws(Defect) {
        guard try reader.integer(UInt32.self) == 0x0201_4b50 else { throw Defect("the zip directory is damaged") }
        _ = try reader.take(4)  // versions
        let flags = try reader.integer(UInt16.self)
        let method = try reader.integer(UInt16.self)
        _ = try reader.take(4)  // time and date
        checksum = try reader.integer(UInt32.self)
        var compressed = UInt64(try reader.integer(UInt32.self))
        var uncompressed = UInt64(try reader.integer(UInt32.self))
        let nameCount = Int(try reader.integer(UInt16.self))
        let extraCount = Int(try reader.integer(UInt16.self))
        let commentCount = Int(try reader.integer(UInt16.self))
        let disk = try reader.integer(UInt16.self)
        _ = try reader.take(6)  // attributes
        var offset = UInt64(try reader.integer(UInt32.self))
        guard let name = String(validating: try reader.take(nameCount), as: UTF8.self) else {
            throw Defect("the zip archive holds a name that is not UTF-8")
        }
        self.name = name
        var extra = ByteReader(try reader.take(extraCount), subject: "an extra field of \(quoted(name))")
        _ = try reader.take(commentCount)
        while extra.remaining >= 4 {
            let kind = try extra.integer(UInt16.self)
            var field = ByteReader(
                try extra.take(Int(try extra.integer(UInt16.self))), subject: "an extra field of \(quoted(name))")
            guard kind == 1 else { continue }
            if uncompressed == 0xffff_ffff { uncompressed = try field.integer(UInt64.self) }
            if compressed == 0xffff_ffff { compressed = try field.integer(UInt64.self) }
            if offset == 0xffff_ffff { offset = try field.integer(UInt64.self) }
        }
        guard disk == 0, flags & 0x2041 == 0 else {
            throw Defect("the zip entry \(quoted(name)) is encrypted or split")
        }
        guard method == 0 || method == 8 else {
            throw Defect("the zip entry \(quoted(name)) is compressed in a way that is not supported (\(method))")
        }
        isDeflated = method == 8
        guard let byteCount = Int(exactly: uncompressed), let compressedCount = Int(exactly: compressed),
            let headerOffset = Int(exactly: offset), isDeflated || byteCount == compressedCount
        else { throw Defect("the zip entry \(quoted(name)) has impossible sizes") }
        (self.byteCount, self.compressedCount, self.headerOffset) = (byteCount, compressedCount, headerOffset)
    }

    /// Reads the local header (APPNOTE.TXT, 4.3.7) and stops after the payload. Its sizes are 0 where a descriptor
    /// follows, so they count only if present, but the name must be the same.
    mutating func locatePayload(_ reader: inout ByteReader) throws(Defect) {
        guard try reader.integer(UInt32.self) == 0x0403_4b50 else {
            throw Defect("the zip entry \(quoted(name)) is not where the directory says")
        }
        _ = try reader.take(2)  // version
        let flags = try reader.integer(UInt16.self)
        let method = try reader.integer(UInt16.self)
        _ = try reader.take(8)  // time, date and checksum
        let compressed = try reader.integer(UInt32.self)
        _ = try reader.take(4)  // size
        let nameCount = Int(try reader.integer(UInt16.self))
        let extraCount = Int(try reader.integer(UInt16.self))
        guard try reader.take(nameCount).elementsEqual(name.utf8), (method == 8) == isDeflated,
            flags & 8 != 0 || compressed == 0xffff_ffff || Int(compressed) == compressedCount
        else { throw Defect("the zip entry \(quoted(name)) and the directory disagree") }
        _ = try reader.take(extraCount)
        payloadOffset = reader.position
        _ = try reader.take(compressedCount)
    }
}
