import Foundation

/// Facts from the text of Linux's /proc and /sys files. Pure functions; nil where the text does not have the fact.
package enum ProcText {
    /// The value of `key: value` or `key = value` lines, the first one.
    package static func value(of key: String, in text: String, separator: Character = ":") -> String? {
        for line in text.split(separator: "\n") {
            guard let at = line.firstIndex(of: separator) else { continue }
            if line[..<at].trimmingCharacters(in: .whitespaces) == key {
                return line[line.index(after: at)...].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }

    /// Bytes of a `key:  123 kB` line, as in /proc/meminfo and /proc/self/status.
    package static func kilobytes(of key: String, in text: String) -> Int? {
        guard let value = value(of: key, in: text), value.hasSuffix(" kB"), let count = Int(value.dropLast(3)) else {
            return nil
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: 1_024)
        return overflow ? nil : bytes
    }
}
