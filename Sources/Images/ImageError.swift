/// Why an image could not be read or written; its text is one line that names the file.
package enum ImageError: Error, CustomStringConvertible {
    /// The file cannot be opened or written.
    case inaccessible(file: String, reason: String)
    /// The file is no image, or a broken or unreasonable one.
    case malformed(file: String, reason: String)

    package var description: String {
        switch self {
        case .inaccessible(let file, let reason), .malformed(let file, let reason): "\(file): \(reason)"
        }
    }
}
