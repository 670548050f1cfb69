import Foundation
import Measurement

/// A build of this program, whose workers are measured.
package struct MeasuredBuild: Sendable {
    let executable: String
    let version: String
    let git: GitRecord?

    /// This program.
    static func own(version: String) throws(ConfigurationError) -> MeasuredBuild {
        guard let executable = Bundle.main.executablePath else {
            throw .inaccessible(file: "harness", reason: "the executable's own path is unknown")
        }
        return MeasuredBuild(executable: executable, version: version, git: Git.state())
    }

    /// Another one: the path of an executable, or a git revision of this checkout, which is built in the cache folder
    /// unless that has been done. `progress` is told what takes long.
    package static func find(
        _ name: String, progress: (String) -> Void
    ) throws(ConfigurationError) -> MeasuredBuild {
        if Locations.exists(name), !Locations.isFolder(name) {
            let path = URL(fileURLWithPath: name).path
            return MeasuredBuild(executable: path, version: try version(of: path), git: nil)
        }
        let home = Locations().suites
        // The end of options keeps a name such as --help from being one.
        let revision = ["rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"]
        guard let commit = Git.output(revision, in: home) else {
            throw .inaccessible(file: name, reason: "is neither an executable nor a git revision of \(home)")
        }
        let executable = try build(commit, home: home, progress: progress)
        return MeasuredBuild(
            executable: executable, version: try version(of: executable), git: GitRecord(commit: commit, dirty: false))
    }

    private static func version(of executable: String) throws(ConfigurationError) -> String {
        guard let version = Tool.output([executable, "--version"]), !version.isEmpty, version.count < 100 else {
            throw .inaccessible(file: executable, reason: "is not an executable that tells its --version")
        }
        return version
    }

    private static func build(
        _ commit: String, home: String, progress: (String) -> Void
    ) throws(ConfigurationError) -> String {
        let folder = Locations.cache + "/builds"
        let tree = folder + "/" + commit.prefix(12)
        let executable = tree + "/.build/release/harness"
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // Of two runs at once, the second waits for what the first builds.
        let lock = open(tree + ".lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
            throw .inaccessible(file: folder, reason: "cannot be written")
        }
        defer { close(lock) }
        if FileManager.default.isExecutableFile(atPath: executable) { return executable }
        progress("building \(commit.prefix(12)) in \(tree)")
        if !Locations.exists(tree) {
            _ = Git.output(["worktree", "prune"], in: home)
            guard Git.output(["worktree", "add", "--detach", tree, commit], in: home) != nil else {
                throw .inaccessible(file: tree, reason: "git cannot check out \(commit) there")
            }
        }
        let command = ["swift", "build", "-c", "release", "--product", "harness", "--package-path", tree]
        guard Tool.succeeds(command), FileManager.default.isExecutableFile(atPath: executable) else {
            throw .inaccessible(file: tree, reason: "the build of \(commit) failed")
        }
        return executable
    }
}
