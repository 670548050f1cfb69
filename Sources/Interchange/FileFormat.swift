import Tensors

/// The kinds of files that can be read, told by their first bytes.
enum FileFormat {
    case safetensors, pytorchArchive, pytorchStream

    /// Throws a line that says what the file is, if it is some other thing that people often have by mistake.
    init(_ contents: Storage) throws(Defect) {
        defer { withExtendedLifetime(contents) {} }
        let bytes = contents.bytes
        func begins(_ prefix: [UInt8], at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: prefix) }
        func begins(_ prefix: String, at offset: Int = 0) -> Bool { begins(Array(prefix.utf8), at: offset) }
        let length = bytes.count > 8 ? UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)) : 0
        let mayBeHeader = bytes.count > 8 && [UInt8(ascii: "{"), 0x20, 0x09, 0x0a, 0x0d].contains(bytes[8])
        // First, because the length of a header may look like the beginning of anything.
        if mayBeHeader, length <= UInt64(Safetensors.headerLimit) {
            self = .safetensors
        } else if begins("PK\u{3}\u{4}") {
            self = .pytorchArchive
        } else if begins(PyTorchStream.magic) {
            self = .pytorchStream
        } else if begins("version https://git-lfs") {
            throw Defect("is a Git LFS pointer, not the file itself; fetch it with `git lfs pull`")
        } else if bytes.first(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }) == UInt8(ascii: "<") {
            throw Defect("is a web page or XML, not a checkpoint; the download went wrong")
        } else if begins("ustar", at: 257) {
            throw Defect("is a tar archive; PyTorch files of before 2017 are not supported")
        } else if begins("PK\u{5}\u{6}") {
            throw Defect("is an empty zip archive")
        } else if begins([0x1f, 0x8b]) {
            throw Defect("is compressed with gzip; unpack it first")
        } else if begins("GGUF") {
            throw Defect("is a GGUF file, which is not supported")
        } else if begins("PYTORCH1") {
            throw Defect("is in a preview format of PyTorch that was given up")
        } else if mayBeHeader {
            self = .safetensors
        } else if begins([0x80]), bytes.count > 1, bytes[1] < 6 {
            throw Defect("is a bare pickle, not a file that torch.save wrote")
        } else {
            throw Defect("is neither a safetensors nor a PyTorch file")
        }
    }
}
