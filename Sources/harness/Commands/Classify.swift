import ArgumentParser
import Benchmarking
import Engine
import Foundation
import Images

struct Classify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Name what is in images.",
        discussion: """
            EXAMPLES
              harness classify --model repvgg-mnist datasets/mnist-1k/7/*.png
              harness classify --model resnet50.pth --top 3 --json photo.jpg
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var folders: FolderOptions

    @Option(help: "How many classes to name.")
    var top = 5

    @Flag(help: "Print one JSON document.")
    var json = false

    @Argument(help: "PNG or JPEG files.", completion: .file())
    var images: [String]

    func validate() throws {
        guard top >= 1 else { throw ValidationError("--top takes 1 or more") }
    }

    struct Answer: Encodable {
        struct Class: Encodable {
            let index: Int
            let name: String
            let probability: Double
        }
        let file: String
        let classes: [Class]
    }

    func run() throws {
        let model = try self.model.load(try folders.locations())
        let network = try model.network(in: try self.model.chosenForm())
        guard network.decoder == nil else {
            throw UserError.usage("\(self.model.model) upsamples images and names no classes; see harness upscale")
        }
        let evaluator = Evaluator(model: model, network: network, options: try engine.planOptions())
        var answers: [Answer] = []
        var failures: [ImageError] = []
        for file in images {
            do {
                let logits = try evaluator.logits(try model.preprocessing.apply(file: file))
                let classes = Classification.top(top, of: logits).map {
                    Answer.Class(index: $0.index, name: model.className($0.index), probability: $0.probability)
                }
                answers.append(Answer(file: file, classes: classes))
                if !json { print(answers[answers.count - 1]) }
            } catch let error as ImageError {
                Terminal.note("\(error)")
                failures.append(error)
            }
        }
        if json { try Terminal.json(answers) }
        if case .inaccessible? = failures.first { throw ExitStatus.inaccessible }
        if !failures.isEmpty { throw ExitStatus.badInput }
    }

    private func print(_ answer: Answer) {
        Terminal.print(answer.file)
        for one in answer.classes {
            Terminal.print("  \(percent(one.probability))  \(one.name)")
        }
    }

    private func percent(_ fraction: Double) -> String {
        let text = String(format: "%.2f %%", fraction * 100)
        return String(repeating: " ", count: max(0, 8 - text.count)) + text
    }
}
