import ArgumentParser

/// A height and a width, written `224x224`.
enum ImageSize {
    static func parse(_ text: String) throws -> [Int] {
        let parts = text.lowercased().split(separator: "x").compactMap { Int($0) }
        guard parts.count == 2, parts.allSatisfy({ (1...1_000_000).contains($0) }) else {
            throw ValidationError("a size is HEIGHTxWIDTH, such as 224x224, and not '\(text)'")
        }
        return parts
    }
}
