import ArgumentParser

/// An amount of memory, written `600MB` or `2GB`.
enum MemorySize {
    static func parse(_ text: String) throws -> Int {
        let units: [(String, Double)] = [("GB", 1e9), ("MB", 1e6), ("KB", 1e3), ("G", 1e9), ("M", 1e6), ("", 1)]
        for (suffix, factor) in units where text.uppercased().hasSuffix(suffix) {
            guard let number = Double(text.dropLast(suffix.count)), number > 0, number * factor < 1e15 else { break }
            return Int(number * factor)
        }
        throw ValidationError("an amount of memory is a number with a unit, such as 600MB, and not '\(text)'")
    }
}
