import ArgumentParser
import Benchmarking
import Engine
import Interchange
import Tensors

struct Infer: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run raw tensors through a network.",
        discussion: """
            The input file holds the tensor `input` (N×C×H×W, float32, already normalised); the output file gets
            `logits` (N×classes). LIIF reads `image` (1×3×H×W in [0, 1]) and writes `image` (3×H×W, not clamped) in the
            size of --size.

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
        let upsamples = network.decoder != nil
        let name = upsamples ? "image" : "input"
        guard let stored = try Checkpoint.read(input).tensors[name] else {
            throw UserError.badInput("\(input): holds no tensor called '\(name)'")
        }
        guard stored.shape.count == 4, stored.count > 0, !upsamples || stored.shape[..<2] == [1, 3] else {
            let expected = upsamples ? "1×3×H×W" : "N×C×H×W"
            throw UserError.badInput("\(input): '\(name)' should have the shape \(expected), and has \(stored.shape)")
        }
        let result = upsamples ? try upsample(try stored.floats(), network) : try classify(try stored.floats(), network)
        let key = upsamples ? "image" : "logits"
        try Checkpoint(file: output, tensors: [key: StoredTensor(result)]).write(to: output)
    }

    private func classify(_ input: Tensor, _ network: Network) throws -> Tensor {
        try Plan(network, inputShape: input.shape, options: try engine.planOptions()).run(input)
    }

    private func upsample(_ image: Tensor, _ network: Network) throws -> Tensor {
        guard let text = model.size else { throw ValidationError("which output size? Pass --size HEIGHTxWIDTH") }
        let (input, output) = (Array(image.shape[2...]), try ImageSize.parse(text))
        let upsampler = try Upsampler(
            network, inputSize: input, outputSize: try UpscaleSize.checked(output, from: input),
            options: try engine.planOptions())
        return upsampler.run(image)
    }
}
