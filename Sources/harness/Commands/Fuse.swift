import ArgumentParser
import Benchmarking
import Engine
import Foundation
import Interchange
import Networks
import Tensors

struct Fuse: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn a RepVGG from its training form into its inference form.",
        discussion: """
            Both forms are run on the same input before anything is written, and the largest difference of the logits,
            relative to the largest logit, is printed; above 1e-4 nothing is written.

            EXAMPLE
              harness fuse --model RepVGG-A0-train.pth --output RepVGG-A0.safetensors
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var folders: FolderOptions

    @Option(help: "The safetensors file to write, in the official names.", completion: .file())
    var output: String

    func run() throws {
        let model = try self.model.load(try folders.locations())
        guard model.network.family == "repvgg", model.network.form == .training else {
            throw UserError.badInput("\(self.model.model): not a RepVGG in training form, so there is nothing to fuse")
        }
        let checkpoint = model.network.fusedCheckpoint()
        // What is written is what is checked: the fused tensors are read as a network again.
        let fused = try Network(checkpoint)
        let input = Tensor.normal(
            shape: [2, model.network.inputChannels] + model.inputSize, seed: self.model.seed)
        let options = try engine.planOptions()
        let before = try Plan(try model.network(in: .training), inputShape: input.shape, options: options).run(input)
        let after = try Plan(fused.fused(), inputShape: input.shape, options: options).run(input)
        let difference = after.largestRelativeDifference(from: before)
        guard difference <= 1e-4 else {
            throw UserError.badInput("the fused network differs by \(difference) (relative), so nothing was written")
        }
        try checkpoint.write(to: output)
        Terminal.print(String(format: "%@: largest relative difference of the logits %.2g", output, difference))
    }
}
