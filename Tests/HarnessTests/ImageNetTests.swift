import Foundation
import Interchange
import TestSupport
import Testing

/// The compressed ImageNet networks of PQF's authors on 300 photographs: what the whole way from JPEG to logits gives.
@Suite(.enabled(if: Shared.exists, "../shared with checkpoints and photographs is not here"), .serialized)
struct ImageNetTests {
    /// Hits among 300, from the authors' code.
    @Test(arguments: [("resnet18", 226, 277), ("resnet18_large", 209, 272), ("resnet50_large", 249, 286)])
    func authorsNetworks(name: String, top1: Int, top5: Int) throws {
        let folder = try TemporaryFolder()
        let outcome = try Executable.run(
            [
                "evaluate", "--model", Shared.path("checkpoints/pqf/\(name).pth"), "--dataset",
                Shared.path("data/imagenet-samples"), "--threads", "2", "--json", "--logits",
                folder.path("logits.safetensors"),
            ], timeout: 400)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let answer = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(answer["count"] as? Int == 300)
        #expect(abs(try #require(answer["top1"] as? Double) * 300 - Double(top1)) < 1.001)
        #expect(abs(try #require(answer["top5"] as? Double) * 300 - Double(top5)) < 1.001)
        let ours = try #require(try Checkpoint.read(folder.path("logits.safetensors")).tensors["logits"]).floats()
        let golden = try Checkpoint.read(Shared.path("golden/pqf_imagenet_logits.safetensors"))
        let theirs = try #require(golden.tensors[name]).floats()
        #expect(zip(ours.floats, theirs.floats).allSatisfy { abs($0 - $1) <= 1e-3 * max(1, abs($1)) })
    }
}
