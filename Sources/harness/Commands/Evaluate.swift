import ArgumentParser
import Benchmarking
import Engine
import Foundation
import Interchange
import Tensors

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take a network's accuracy on a data set.",
        discussion: """
            A data set is a name from the datasets folder, a folder with one sub-folder per class, or a folder with a
            labels.tsv (columns file and class_index). Images that cannot be read are reported and left out.

            For LIIF it is a folder of photographs, which are shrunk bicubically first, or of pairs (sub-folders HR and
            LR, or names with HR and LR); PSNR is given on RGB without a border of scale + 6 pixels, and on luma without
            one of scale pixels, where SSIM is taken too.

            EXAMPLES
              harness evaluate --model repvgg-mnist
              harness evaluate --model resnet50.pth --dataset imagenet/val --limit 1000 --threads 2
              harness evaluate --model liif-small --dataset photos --scale 3
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var folders: FolderOptions

    @Option(help: "A data set's name or folder (default: the one that the network's manifest names).")
    var dataset: String?

    @Option(help: "Only the first N images.")
    var limit: Int?

    @Option(help: "Images per inference.")
    var batch = 1

    @Option(help: "Write logits and labels to this safetensors file.", completion: .file())
    var logits: String?

    @Option(help: "LIIF: the factor to enlarge by.")
    var scale = 2.0

    @Flag(help: "Print one JSON document.")
    var json = false

    struct Answer: Encodable {
        let model: String
        let dataset: String
        let count: Int
        let failed: [Classification.Failure]
        let top1: Double
        let top5: Double
    }

    func validate() throws {
        guard limit ?? 1 >= 1 else { throw ValidationError("--limit takes 1 or more") }
        guard scale >= 1, scale <= 100 else { throw ValidationError("--scale takes 1 to 100") }
        guard (1...4096).contains(batch) else { throw ValidationError("--batch takes 1 to 4096") }
    }

    func run() throws {
        let locations = try folders.locations()
        let model = try self.model.load(locations)
        guard !model.isRandom else { throw UserError.usage("random weights have no accuracy; name a trained network") }
        guard let name = dataset ?? model.dataset else { throw ValidationError("which data set? Pass --dataset") }
        let network = try model.network(in: try self.model.chosenForm())
        if network.decoder != nil {
            return try upscale(try PhotoSet.find(name, in: locations.datasets), model.name, network)
        }
        let evaluator = Evaluator(
            model: model, network: network, options: try engine.planOptions(), batch: batch)
        let result = try evaluator.classify(try Dataset.find(name, in: locations.datasets), limit: limit) {
            Terminal.progress("\($0) of \($1) images")
        }
        Terminal.clearProgress()
        for failure in result.failed { Terminal.note(failure.error) }
        guard result.count > 0 else { throw UserError.badInput("\(name): none of its images could be read") }
        if let logits { try write(result, to: logits) }
        if json {
            try Terminal.json(
                Answer(
                    model: model.name, dataset: result.dataset, count: result.count, failed: result.failed,
                    top1: result.top1, top5: result.top5))
        } else {
            let text = String(format: "top-1 %.2f %%, top-5 %.2f %%", result.top1 * 100, result.top5 * 100)
            let failed = result.failed.isEmpty ? "" : ", \(result.failed.count) unreadable"
            Terminal.print("\(model.name) on \(result.dataset): \(text) (\(result.count) images\(failed))")
        }
    }

    private func write(_ result: Classification, to path: String) throws {
        let logits = Tensor(shape: [result.count, result.logits[0].count], result.logits.flatMap(\.self))
        try Checkpoint(
            file: path,
            tensors: [
                "labels": StoredTensor(result.labels.map(Int64.init), shape: [result.count]),
                "logits": StoredTensor(logits),
            ]
        ).write(to: path)
    }
}
