import Foundation
import Images
import Measurement
import Tensors
import Testing

/// Cases that prepare images instead of running a network.
@Suite struct PreprocessingTests {
    @Test func measuresThePreparationOfImages() throws {
        let folder = try TemporaryFolder()
        let outcome = try Executable.run(["run", "--suite", "preprocessing", "--quick", "--results", folder.url.path])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let one = try #require(try onlyResults(in: folder).cases.first)
        #expect(one.family == "preprocessing" && one.input == [4, 3, 224, 224])
        #expect(one.weights == nil && one.accuracy == nil && one.parameters == nil)
        let latency = try #require(one.latencySeconds)
        #expect(latency.samples.allSatisfy { $0 > 0 })
        #expect(one.throughput == 4 / latency.median)
        let photos = Executable.root.appendingPathComponent("datasets/photos-jpeg").path
        let images = try ["astronaut", "chelsea", "coffee", "rocket"].map {
            try Preprocessing.imageNet.apply(file: "\(photos)/\($0).jpg").array
        }
        #expect(one.outputSHA256 == Digest.sha256(Tensor(shape: [4, 3, 224, 224], images.flatMap { $0 })))
    }

    @Test(arguments: [
        (#"{model: "preprocess:imagenet", dataset: photos-jpeg, threads: 2}"#, "one thread"),
        (#"{model: "preprocess:imagenet"}"#, "data set"),
        (#"{model: "preprocess:imagenet", dataset: cifar10}"#, "cifar10"),
        (#"{model: "preprocess:nothing", dataset: photos-jpeg}"#, "nothing"),
    ])
    func saysWhatIsWrong(entry: String, message: String) throws {
        let folder = try TemporaryFolder()
        let suite = folder.path("wrong.yaml")
        try Data("name: wrong\ncases:\n  - \(entry)\n".utf8).write(to: URL(fileURLWithPath: suite))
        let outcome = try Executable.run(["run", "--suite", suite, "--quick", "--results", folder.path("results")])
        #expect(outcome.status == 3)
        #expect(outcome.output.contains(message) || outcome.errors.contains(message), "\(outcome.output)")
    }
}
