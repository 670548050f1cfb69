import ArgumentParser
import Benchmarking
import Compression
import Engine
import Foundation
import Interchange
import Networks
import Reporting
import Tensors
import Training

struct Compress: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compress a network: PQF, k-means, 8-bit integers or half precision.",
        discussion: """
            PQF (arXiv 2010.15703) cuts each layer's weights into short vectors and keeps for each the number of one of k
            codewords; channels are put in an order first that makes this cost less. The file that is written runs like
            any other. Sizes are counted as PQF's authors do, batch norms as two numbers per channel; the file is a little
            larger. A RepVGG in training form is fused first; the first convolution stays dense (pqf, kmeans).

            Settings that do not fit a layer give way: --k is capped at a quarter of its subvectors, d shrinks to the next
            divisor of its rows, and an odd number of input channels has small blocks. A compressed network is written
            again without a changed weight.

            With --fine-tune, what is no code is trained afterwards so that the network answers as the dense one does, and
            the parameters are kept whose loss on held-out images is least; Ctrl-C ends the training early and writes
            the best so far.

            EXAMPLES
              harness compress --model repvgg-cifar10 --output small.safetensors
              harness compress --model resnet50.pth --output large.safetensors --blocks large --pointwise-d 8 --fc-k 1024
              harness compress --model repvgg-cifar10 --output tuned.safetensors --fine-tune cifar10 --epochs 4
              harness compress --model vgg16.pth --output int8.safetensors --method int8
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var folders: FolderOptions
    @OptionGroup(title: "Compression") var compression: CompressionOptions
    @OptionGroup(title: "Fine-tuning") var fineTuning: FineTuneOptions

    @Option(help: "The safetensors file to write.", completion: .file())
    var output: String

    @Option(help: "CPU threads (default: all cores); the result does not depend on it.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Codes in whole bytes or words, as PQF's authors store them.")
    var noPack = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard (1...256).contains(threads) else { throw ValidationError("--threads takes 1 to 256") }
        do {
            try compression.settings(seed: model.seed).validate()
        } catch let error as CompressionError {
            throw ValidationError("--\(error)")
        }
        if try fineTuning.settings(seed: model.seed) != nil, compression.method == "fp16" {
            throw ValidationError("--fine-tune is for pqf, kmeans and int8")
        }
    }

    func run() async throws {
        let locations = try folders.locations()
        let model = try self.model.load(locations)
        let settings = try compression.settings(seed: self.model.seed)
        guard model.network.decoder == nil || fineTuning.fineTune == nil else {
            throw ValidationError("--fine-tune is for classifiers, and \(self.model.model) enlarges images")
        }
        let compressor = Compressor(settings, threads: threads)
        var result = try await interruptible { try Self.compress(model, compressor) }
        Terminal.clearProgress()
        let trained = try await fineTune(result.network, from: model, datasets: locations.datasets)
        if let trained { result.network = trained.network }
        if model.network.isQuantized {
            Terminal.note("\(self.model.model) is compressed already; its weights are written as they are")
        }
        let checkpoint = try model.checkpoint(of: result, settings: settings, packsCodes: !noPack)
        // What is written is what is checked: it must read as the same network.
        let read = try Network(checkpoint)
        guard read.countedBits == result.network.countedBits || settings.method == .fp16 else {
            throw UserError.badInput("the file would not be read as it is meant (a bug), so nothing was written")
        }
        try checkpoint.write(to: output)
        let bytes = checkpoint.storedBytes
        if json {
            try Terminal.json(
                Answer(
                    output: output, bytes: bytes, settings: settings, report: result.report,
                    fineTuning: trained?.epochs))
        } else {
            Terminal.print(CompressionTable.text(result.report))
            if let trained {
                Terminal.print(
                    "fine-tuned, the best: "
                        + FineTuning.text(trained.best, of: fineTuning.epochs, hasLabels: trained.hasLabels))
            }
            Terminal.print("\(output): \(Format.bytes(bytes)) of tensors")
        }
        if trained?.isInterrupted == true { throw ExitStatus.interrupted }
    }

    private struct Answer: Encodable {
        let output: String
        let bytes: Int
        let settings: CompressionSettings
        let report: CompressionReport
        /// The training's course; the best epoch's parameters are those written.
        let fineTuning: [FineTuner.Epoch]?
    }

    private func fineTune(
        _ student: Network, from model: Model, datasets: [String]
    ) async throws -> FineTuner.Output? {
        guard let dataset = fineTuning.fineTune, let settings = try fineTuning.settings(seed: self.model.seed) else {
            return nil
        }
        let tuning = FineTuning(
            dataset: dataset, datasets: datasets, settings: settings, resume: fineTuning.resume, threads: threads)
        defer { Terminal.clearProgress() }
        return try await interruptible { try tuning.run(student, from: model) }
    }

    private static func compress(_ model: Model, _ compressor: Compressor) throws -> Compressor.Output {
        var last = Date.distantPast
        return try compressor.compress(model.network) { progress in
            guard Date().timeIntervalSince(last) > 0.1 else { return }
            last = Date()
            let percent = Int(100 * progress.fraction)
            Terminal.progress("\(progress.step) \(progress.subject), \(percent) %")
        }
    }
}

/// A compression report as text for a terminal.
enum CompressionTable {
    static func text(_ report: CompressionReport) -> String {
        var table = TextTable(
            header: [
                "layer", "weights", "form", "d", "k", "size", "ratio", "log-det before", "after", "error before",
                "after",
            ], leading: [1, 2])
        for layer in report.layers where !layer.shape.isEmpty {
            table.add([
                layer.name, Shape.text(layer.shape), layer.form, layer.d.map(String.init) ?? "",
                layer.k.map(String.init) ?? "", Format.bytes(layer.bits / 8),
                ratio(layer.denseBits, layer.bits), layer.objectiveBefore.map(number) ?? "",
                layer.objectiveAfter.map(number) ?? "", layer.errorBefore.map(error) ?? "",
                layer.error.map(error) ?? "",
            ])
        }
        let norms = report.layers.filter(\.shape.isEmpty).reduce(0) { $0 + $1.bits }
        if norms > 0 { table.add(["batch norms", "", "float32", "", "", Format.bytes(norms / 8), "1.00×"]) }
        let mebibytes = String(format: "%.3f MiB", Double(report.bits) / 8 / 1_048_576)
        table.add(["total", "", "", "", "", mebibytes, ratio(report.denseBits, report.bits)])
        guard let difference = report.functionDifference else { return table.text }
        let moved = String(format: "%.2g", difference)
        return table.text
            + "\nputting \(Format.plural(report.groups.count, "group")) of channels in order changed the output by "
            + "\(moved) (relative)"
    }

    private static func ratio(_ dense: Int, _ bits: Int) -> String {
        String(format: "%.2f×", Double(dense) / Double(max(bits, 1)))
    }

    private static func number(_ value: Double) -> String { String(format: "%.2f", value) }

    private static func error(_ value: Double) -> String { String(format: "%.4f", value) }
}
