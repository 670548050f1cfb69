import Foundation
import Interchange
import TestSupport
import Testing

/// Published files and goldens, against facts that other readers established.
@Suite(.enabled(if: Shared.exists, "needs the folder shared beside the checkout"))
struct KnownFilesTests {
    @Test func permuteQuantizeFinetune() throws {
        let checkpoint = try Checkpoint.read(Shared.path("checkpoints/pqf/resnet18.pth"))
        #expect(checkpoint.digest?.hasPrefix("6b9fc5f66a841ee3") == true)
        #expect(checkpoint.tensors.count == 82)
        #expect(try integers(checkpoint, "layer1.0.conv1.codes_matrix").prefix(4) == [160, 202, 202, 127])
        let codebook = try floats(checkpoint, "layer1.0.conv1.codebook")
        let row: [Float] = [
            -0.018341, 0.098999, 0.061768, -0.03476, -0.035736, 0.082947, -0.033447, 0.125854, 0.095337,
        ]
        for (value, expected) in zip(codebook[(160 * 9)...], row) { #expect(abs(value - expected) < 5e-7) }
        #expect(try integers(checkpoint, "fc.codes_matrix").prefix(4) == [1523, 1910, 367, 1620])
        let last = try floats(checkpoint, "fc.codebook")
        let fullRow: [Float] = [-0.127075, 0.1521, 0.074524, 0.071045]
        for (value, expected) in zip(last[(1523 * 4)...], fullRow) { #expect(abs(value - expected) < 5e-7) }
        #expect(try floats(checkpoint, "conv1.weight").prefix(3) == [-0.108825043, -0.0618125014, 0.0351229608])
        #expect(try floats(checkpoint, "bn1.bias")[0] == -0.0459383428)
    }

    @Test(arguments: [
        ("pqf/resnet18_large.pth", "97d4ee84e19e4767"), ("pqf/resnet50_large.pth", "f237e2540d8fc39a"),
        ("other/bgd_resnet18_small_blocks.pth", "54e98666166baa8f"), ("other/repopt_b1_scales.pth", "9b35d848b636fb17"),
    ])
    func publishedFiles(_ name: String, _ digest: String) throws {
        let checkpoint = try Checkpoint.read(Shared.path("checkpoints/\(name)"))
        #expect(checkpoint.digest?.hasPrefix(digest) == true)
        try checkpoint.verify()
        for tensor in checkpoint.tensors.values { #expect(try tensor.floats().array.allSatisfy(\.isFinite)) }
    }

    @Test func dictionariesOfTensors() throws {
        let checkpoint = try Checkpoint.read(Shared.path("checkpoints/other/bgd_resnet18_small_blocks.pth"))
        #expect(checkpoint.tensors["layer1.0.conv1.centroids"]?.shape == [256, 9])
        #expect(checkpoint.tensors["layer1.0.conv1.centroids"]?.scalarType == .float16)
        #expect(checkpoint.tensors["layer1.0.conv1.assignments"]?.scalarType == .uint8)
        #expect(checkpoint.values["layer1.0.conv1.is_conv"] == .boolean(true))
        #expect(checkpoint.values["layer1.0.conv1.k"] == .integer(3))
    }

    @Test func keysThatArePointers() throws {
        let checkpoint = try Checkpoint.read(Shared.path("checkpoints/other/repopt_b1_scales.pth"))
        #expect(checkpoint.tensors.count == 79)
        #expect(checkpoint.tensors.elements.first?.key == "stage0.scale_1x1.weight")
        #expect(checkpoint.tensors.elements.first?.value.shape == [64])
    }

    @Test(arguments: [
        ("repvgg_plain_train", "repvgg_plain_train.pth"), ("repvgg_plain_train", "repvgg_plain_train.legacy.pth"),
        ("vgg", "vgg.pth"), ("liif_edsr", "liif_edsr.pth"), ("liif_nocell", "liif_nocell.pth"),
        ("liif_noens", "liif_noens.pth"), ("liif_nounfold", "liif_nounfold.pth"),
    ])
    func formatsAgree(_ name: String, _ file: String) throws {
        let expected = try Checkpoint.read(Shared.path("golden/\(name).safetensors")).parameters()
        let found = try Checkpoint.read(Shared.path("golden/\(file)")).parameters()
        #expect(Set(found.keys) == Set(expected.keys))
        for (name, tensor) in expected {
            let other = try #require(found[name])
            #expect(other.shape == tensor.shape && other.scalarType == tensor.scalarType, "\(name)")
            #expect(try other.bytes() == tensor.bytes(), "\(name)")
            #expect(try bits(other) == bits(tensor), "\(name)")
        }
    }

    @Test func plainValues() throws {
        let checkpoint = try Checkpoint.read(Shared.path("golden/liif_edsr.pth"))
        #expect(checkpoint.values["model.args.encoder_spec.name"] == .text("edsr-baseline"))
        #expect(checkpoint.values["model.args.imnet_spec.args.hidden_list.1"] == .integer(32))
        #expect(checkpoint.values["model.args.encoder_spec.args.no_upsampling"] == .boolean(true))
        #expect(checkpoint.values["epoch"] == .integer(1))
    }

    /// Half precision, bfloat16, a transposed view, a view with offset and stride, and a parameter over one storage.
    @Test func viewsOfSharedStorages() throws {
        let checkpoint = try Checkpoint.read(Shared.path("corpus/good/pth/valid_nested_half_views.pth"))
        #expect(checkpoint.values["epoch"] == .integer(3))
        #expect(checkpoint.values["lr"] == .number(0.1))
        let parameters = checkpoint.parameters()
        #expect(try parameters["h"]?.floats().array == [1.5, -2, 0.25, 8])
        #expect(try parameters["bf"]?.floats().array == [1, -0.5, 3, 256])
        #expect(try parameters["view_t"]?.floats().array == [1, 4, 2, 5, 3, 6])
        #expect(parameters["view_t"]?.strides == [1, 3])
        #expect(try parameters["view_off"]?.floats().array == [2, 4])
        #expect(try parameters["p"]?.floats().array == [1, 2, 3, 4, 5, 6])
        #expect(checkpoint.storedBytes == 8 + 8 + 24)
    }

    /// The reference library wrote the goldens; writing them again gives the same bytes.
    @Test(arguments: ["repvgg_g2_train", "repvgg_timm_train", "resnet_bottleneck", "vgg.io", "liif_edsr"])
    func writesWhatTheReferenceWrites(_ name: String) throws {
        let source = Shared.path("golden/\(name).safetensors")
        try withTemporaryFolder { folder in
            let copy = folder + "/copy.safetensors"
            try Checkpoint.read(source).write(to: copy)
            #expect(FileManager.default.contents(atPath: copy) == FileManager.default.contents(atPath: source))
        }
    }

    private func floats(_ checkpoint: Checkpoint, _ name: String) throws -> [Float] {
        try #require(checkpoint.tensors[name]).floats().array
    }

    private func integers(_ checkpoint: Checkpoint, _ name: String) throws -> [Int] {
        try #require(checkpoint.tensors[name]).integers()
    }

    private func bits(_ tensor: StoredTensor) throws -> [UInt32] { try tensor.floats().array.map(\.bitPattern) }
}
