import ArgumentParser
import Foundation

@main
struct Harness: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "harness",
        abstract: "Measures image networks on this CPU: latency, memory and accuracy, in one command.",
        discussion: """
            EXAMPLES
              harness run --suite repvgg            measure, and write a results file
              harness list models                   what can be measured
              harness classify --model repvgg-mnist digit.png
              harness compare before.json after.json
            """,
        version: version,
        subcommands: [
            Run.self, List.self, Infer.self, Classify.self, Upscale.self, Evaluate.self, Fuse.self, Compress.self,
            Profile.self, Compare.self,
            MakeReport.self, Export.self, BaselineCommand.self, DoctorCommand.self, Verify.self, Worker.self,
        ])

    static let version = "0.1.0"

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            ExitStatus.end(with: error, in: Self.self)
        }
    }
}
