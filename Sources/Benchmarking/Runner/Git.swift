import Foundation
import Measurement

/// The state of the checkout that the program was built from, as far as git tells.
enum Git {
    static func state() -> GitRecord? {
        let home = Locations().suites
        guard let commit = output(["rev-parse", "HEAD"], in: home),
            let status = output(["status", "--porcelain", "--untracked-files=no"], in: home)
        else { return nil }
        return GitRecord(commit: commit, dirty: !status.isEmpty)
    }

    static func output(_ arguments: [String], in folder: String) -> String? {
        Tool.output(["git", "-C", folder] + arguments)
    }
}
