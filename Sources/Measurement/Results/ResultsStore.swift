import Foundation

/// A folder of results files: the database. Every run is one file `<suite>-<UTC time>-<id>.json`.
package struct ResultsStore: Sendable {
    package let folder: String
    /// Larger files are refused unread: a million samples take 20 MB.
    package static let maximumBytes = 512 << 20

    package init(folder: String) { self.folder = folder }

    /// Eight random hexadecimal digits for `RunRecord.id`.
    package static func newRunID() -> String {
        let digits = String(UInt32.random(in: 0...UInt32.max), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Writes a new file, whole or not at all, and gives its path; creates the folder.
    package func write(_ results: Results) throws(MeasurementError) -> String {
        let name = Self.fileName(results.run)
        let path = (folder as NSString).appendingPathComponent(name)
        try AtomicFile.write(try ResultsCoding.encode(results), to: path, replacing: false)
        return path
    }

    /// `<suite>-<yyyyMMdd'T'HHmmss'Z'>-<id>.json`, with other characters than letters, digits, `.`, `_` and `-`
    /// replaced by `_`.
    package static func fileName(_ run: RunRecord) -> String {
        let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
        func safe(_ text: String) -> String {
            let allowed = "-._"
            let name = text.map { $0.isASCII && ($0.isLetter || $0.isNumber) || allowed.contains($0) ? $0 : "_" }
            return String(name.prefix(80))
        }
        return "\(safe(run.suite))-\(run.started.formatted(style))-\(safe(run.id)).json"
    }

    /// The paths of the results files, oldest first by the time in their names; of one suite when it is given. Opens
    /// none of them.
    package func list(suite: String? = nil) throws(MeasurementError) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw .inaccessible(file: folder, reason: "cannot be listed: \(reason(of: error))")
        }
        let entries = names.compactMap(Entry.init).filter { suite == nil || $0.suite == suite }
        return entries.sorted { ($0.time, $0.name) < ($1.time, $1.name) }
            .map { (folder as NSString).appendingPathComponent($0.name) }
    }

    /// The path of the newest run of a suite; runs of another build, measured beside this one, do not count.
    package func newest(of suite: String) throws(MeasurementError) -> String? {
        for path in try list(suite: suite).reversed()
        where try Self.read(path).run.pair?.role != .baseline { return path }
        return nil
    }

    /// Checks everything that can be; see `ResultsCoding`.
    package static func read(_ path: String) throws(MeasurementError) -> Results {
        try ResultsCoding.decode(try AtomicFile.read(path, maximumBytes: maximumBytes), file: path)
    }

    /// Reads many files on all cores and hands each to `body` as it comes, so that few are in memory at once.
    package static func read(_ paths: [String], _ body: (Results) -> Void) async throws {
        try await withThrowingTaskGroup(of: Results.self) { group in
            var rest = paths.makeIterator()
            func start() {
                guard let path = rest.next() else { return }
                group.addTask { try read(path) }
            }
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { start() }
            while let results = try await group.next() {
                start()
                body(results)
            }
        }
    }

    /// A file's name taken apart from its end, as a suite's name may hold hyphens.
    private struct Entry {
        let name: String
        let suite: String
        let time: String

        init?(_ name: String) {
            guard name.hasSuffix(".json"), !name.hasPrefix(".") else { return nil }
            let parts = name.dropLast(5).split(separator: "-", omittingEmptySubsequences: false)
            guard let at = parts.lastIndex(where: { $0.count == 16 && $0.last == "Z" && $0.dropFirst(8).first == "T" }),
                at > 0
            else { return nil }
            self.name = name
            suite = parts[..<at].joined(separator: "-")
            time = String(parts[at])
        }
    }
}
