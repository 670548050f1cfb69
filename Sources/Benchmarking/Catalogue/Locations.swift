import Foundation

/// Where networks, data sets, suites and results are kept.
package struct Locations: Sendable, Codable {
    /// Searched in this order; the project's own folder comes last.
    package var models: [String]
    package var datasets: [String]
    package var suites: String
    package var results: String

    /// The project's folders, found from `HARNESS_HOME`, the executable's place, or the working folder.
    package init() {
        let home = Self.home()
        models = [home + "/models"]
        datasets = [home + "/datasets"]
        suites = home + "/suites"
        results = home + "/results"
    }

    /// What can be made again: HARNESS_CACHE, else a folder `harness` where the system keeps caches.
    package static var cache: String {
        let environment = ProcessInfo.processInfo.environment
        if let folder = environment["HARNESS_CACHE"], !folder.isEmpty { return folder }
        if let caches = environment["XDG_CACHE_HOME"], !caches.isEmpty { return caches + "/harness" }
        return NSHomeDirectory() + "/.cache/harness"
    }

    private static func home() -> String {
        if let home = ProcessInfo.processInfo.environment["HARNESS_HOME"], !home.isEmpty { return home }
        let working = FileManager.default.currentDirectoryPath
        var starts = [working]
        if let executable = Bundle.main.executableURL {
            starts.insert(executable.resolvingSymlinksInPath().deletingLastPathComponent().path, at: 0)
        }
        for start in starts {
            var folder = URL(fileURLWithPath: start)
            while folder.path != "/" {
                if ["suites", "models"].allSatisfy({ isFolder(folder.appendingPathComponent($0).path) }) {
                    return folder.path
                }
                folder.deleteLastPathComponent()
            }
        }
        return working
    }

    package static func isFolder(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    /// The names of the sub-folders of `folders` that hold a `manifest.yaml`, sorted.
    static func withManifest(in folders: [String]) -> [String] {
        Set(folders.flatMap { folder in entries(of: folder).filter { exists("\(folder)/\($0)/manifest.yaml") } })
            .sorted()
    }

    /// The first of `folders` that has an entry called `name`, with that name appended.
    static func first(_ name: String, in folders: [String]) -> String? {
        folders.lazy.map { "\($0)/\(name)" }.first(where: exists)
    }

    package static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// The names of what is in a folder, sorted, hidden files left out; empty where it cannot be read.
    package static func entries(of folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }
}
