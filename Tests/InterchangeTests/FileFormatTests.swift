import Foundation
import Interchange
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

struct FileFormatTests {
    @Test func inaccessible() throws {
        try withTemporaryFolder { folder in
            mkfifo(folder + "/pipe", 0o600)
            for (path, fragment) in [
                (folder, "is a directory"), (folder + "/pipe", "not a regular file"),
                (folder + "/none", "No such file"),
                (folder + "/pipe/x", "Not a directory"),
            ] {
                #expect { try Checkpoint.read(path) } throws: { error in
                    guard case .inaccessible(path, let reason)? = error as? CheckpointError else { return false }
                    return reason.contains(fragment)
                }
            }
        }
    }

    @Test(arguments: [
        ("", "empty"), (" \n<!DOCTYPE html><html>", "web page"),
        ("version https://git-lfs.github.com/spec/v1\n", "LFS"),
        (String(repeating: "\0", count: 257) + "ustar\0", "tar"), ("GGUF    ", "GGUF"), ("PK\u{5}\u{6}", "empty zip"),
        ("hello", "neither"), (String(repeating: "x", count: 999), "neither"), ("PK\u{3}\u{4}", "cut off"),
    ])
    func otherThings(_ content: String, _ fragment: String) throws {
        try withFile(Array(content.utf8)) { expectMalformed($0, fragment) }
    }

    @Test func barePickles() throws {
        try withFile(Pickled.whole(Pickled.none)) { expectMalformed($0, "bare pickle") }
        try withFile([0x1f, 0x8b, 8, 0]) { expectMalformed($0, "gzip") }
    }
}
