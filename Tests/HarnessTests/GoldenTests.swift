import Interchange
import TestSupport
import Testing

/// Every golden classifier through `harness infer`, against the official implementations.
@Suite(.enabled(if: Shared.exists, "../shared with the golden networks is not here"))
struct GoldenTests {
    /// A checkpoint's file name, and the name of its input and output without `.io.safetensors`.
    static let cases: [(String, String)] = [
        ("repvgg_plain_train.safetensors", "repvgg_plain_train"), ("repvgg_plain_train.pth", "repvgg_plain_train"),
        ("repvgg_plain_train.legacy.pth", "repvgg_plain_train"),
        ("repvgg_plain_deploy.safetensors", "repvgg_plain_deploy"),
        ("repvgg_g2_train.safetensors", "repvgg_g2_train"), ("repvgg_g2_deploy.safetensors", "repvgg_g2_deploy"),
        ("repvgg_se_train.safetensors", "repvgg_se_train"), ("repvgg_se_deploy.safetensors", "repvgg_se_deploy"),
        ("repvgg_timm_train.safetensors", "repvgg_timm_train"),
        ("repvgg_timm_fused.safetensors", "repvgg_timm_fused"),
        ("vgg.safetensors", "vgg"), ("vgg.pth", "vgg"), ("vgg_bn.safetensors", "vgg_bn"),
        ("resnet_bottleneck.safetensors", "resnet_bottleneck"),
    ]

    @Test(arguments: cases) func logits(of file: String, against io: String) throws {
        let folder = try TemporaryFolder()
        for options in [["--threads", "1"], ["--threads", "2"], ["--algorithm", "openblas"]] {
            let outcome = try Executable.run(
                "infer", "--model", Shared.path("golden/\(file)"), "--input",
                Shared.path("golden/\(io).io.safetensors"), "--output", folder.path("out.safetensors"),
                options[0], options[1])
            #expect(outcome.status == 0, "\(outcome.errors)")
            try expectLogits(folder.path("out.safetensors"), equal: Shared.path("golden/\(io).io.safetensors"))
        }
    }

    @Test(arguments: cases.filter { $0.0.contains("train") }) func fusedForm(of file: String, against io: String) throws
    {
        let folder = try TemporaryFolder()
        let fused = folder.path("fused.safetensors")
        let fuse = try Executable.run("fuse", "--model", Shared.path("golden/\(file)"), "--output", fused)
        #expect(fuse.status == 0, "\(fuse.errors)")
        let infer = try Executable.run(
            "infer", "--model", fused, "--input", Shared.path("golden/\(io).io.safetensors"), "--output",
            folder.path("out.safetensors"))
        #expect(infer.status == 0, "\(infer.errors)")
        try expectLogits(folder.path("out.safetensors"), equal: Shared.path("golden/\(io).io.safetensors"))
    }

    /// Within 1e-4 of the largest absolute output.
    private func expectLogits(_ file: String, equal golden: String) throws {
        let ours = try #require(try Checkpoint.read(file).tensors["logits"]).floats()
        let theirs = try #require(try Checkpoint.read(golden).tensors["logits"]).floats()
        #expect(ours.shape == theirs.shape)
        let difference = ours.largestRelativeDifference(from: theirs)
        #expect(difference <= 1e-4, "\(file) differs by \(difference)")
    }
}
