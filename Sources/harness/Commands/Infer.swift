import ArgumentParser
import Benchmarking
import Checkpoints
import Engine
import Tensors

struct Infer: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run raw tensors through a network.",
        discussion: """
            The input file holds the tensor `input` (N×C×H×W, float32, already normalised); the output file gets
            `logits` (N×classes).

            EXAMPLE
              harness infer --model vgg16.pth --input in.safetensors --output out.safetensors
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var folders: FolderOptions

    @Option(help: "A safetensors file with the tensor input.", completion: .file())
    var input: String

    @Option(help: "The safetensors file to write.", completion: .file())
    var output: String

    func run() throws {
        let model = try self.model.load(try folders.locations())
        let network = try model.network(in: try self.model.chosenForm())
        let checkpoint = try Checkpoint.read(input)
        guard let stored = checkpoint.tensors["input"] else {
            throw UserError.badInput("\(input): holds no tensor called 'input'")
        }
        guard stored.shape.count == 4, stored.count > 0 else {
            throw UserError.badInput("\(input): 'input' should have the shape N×C×H×W, and has \(stored.shape)")
        }
        let plan = try Plan(network, inputShape: stored.shape, options: try engine.planOptions())
        let logits = plan.run(try stored.floats())
        try Checkpoint(file: output, tensors: ["logits": StoredTensor(logits)]).write(to: output)
    }
}
