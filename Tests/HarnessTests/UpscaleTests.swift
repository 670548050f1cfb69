import Foundation
import TestSupport
import Testing

/// `harness upscale` as a user runs it.
struct UpscaleTests {
    private static let photo = Executable.root.path + "/datasets/photos/chelsea.png"
    private static let digit = Executable.root.path + "/datasets/mnist-1k/7/3604.png"

    @Test func anyScaleAndSize() throws {
        let folder = try TemporaryFolder()
        for (options, size) in [
            (["--scale", "1"], [28, 28]), (["--scale", "3.7"], [104, 104]), (["--size", "40x100"], [40, 100]),
        ] {
            let output = folder.path("large.png")
            let outcome = try Executable.run(
                ["upscale", "--model", "liif-small", Self.digit, "--output", output] + options)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let header = try Array(Data(contentsOf: URL(fileURLWithPath: output)).prefix(26))
            #expect(header[16..<20].reduce(0) { $0 * 256 + Int($1) } == size[1])
            #expect(header[20..<24].reduce(0) { $0 * 256 + Int($1) } == size[0])
            #expect(header[24] == 8 && header[25] == 0, "the depth and the greyness of the input are kept")
        }
    }

    @Test func memoryLimitsDoNotShow() throws {
        let folder = try TemporaryFolder()
        var files: [Data] = []
        for options in [[], ["--max-memory", "70MB", "--threads", "2"]] {
            let output = folder.path("large\(files.count).png")
            let outcome = try Executable.run(
                ["upscale", "--model", "liif-small", Self.photo, "--scale", "1.2", "--output", output] + options)
            #expect(outcome.status == 0, "\(outcome.errors)")
            files.append(try Data(contentsOf: URL(fileURLWithPath: output)))
        }
        #expect(files[0] == files[1])
    }

    @Test(
        arguments: [
            (["--scale", "0.5"], 64), (["--size", "8x8"], 64), (["--size", "900000x900000"], 64),
            (["--scale", "1e12"], 64),
            (["--scale", "2", "--size", "90x90"], 64), (["--scale", "2", "--max-memory", "1MB"], 64), ([], 64),
        ] as [([String], Int32)])
    func misuse(options: [String], status: Int32) throws {
        let folder = try TemporaryFolder()
        let output = folder.path("large.png")
        let outcome = try Executable.run(
            ["upscale", "--model", "liif-small", Self.digit, "--output", output] + options)
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(!outcome.errors.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: output))
    }

    @Test func otherNetworksAndFilesAreRefused() throws {
        #expect(
            try Executable.run("upscale", "--model", "vgg-mnist", Self.digit, "--scale", "2", "--output", "x").status
                == 64)
        #expect(
            try Executable.run("upscale", "--model", "liif-small", "no.png", "--scale", "2", "--output", "x").status
                == 74)
        #expect(try Executable.run("classify", "--model", "liif-small", Self.digit).status == 64)
    }
}
