import Checkpoints
import Engine
import Foundation
import Measurement
import Tensors

/// The process that measures one case with this project's engine: reads `WorkerCommand`s, answers each with a line.
package struct Worker {
    private var loaded: Loaded?

    private struct Loaded {
        let model: Model
        let network: Network
        let plan: Plan
        let input: Tensor
        let options: PlanOptions
    }

    private struct Answer<Body: Encodable>: Encodable {
        let body: Body
        private enum Key: String, CodingKey { case ok }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(true, forKey: .ok)
            try body.encode(to: encoder)
        }
    }

    private struct Refusal: Encodable {
        let ok = false
        let error: String
    }

    private struct Nothing: Codable {}

    package init() {}

    /// Serves commands until `quit` or the end of the input.
    package mutating func serve() {
        while let line = readLine() {
            let answer: any Encodable
            do {
                let command = try JSONDecoder().decode(WorkerCommand.self, from: Data(line.utf8))
                guard let result = try perform(command) else { return }
                answer = result
            } catch {
                answer = Refusal(error: String(describing: error))
            }
            guard let data = try? JSONEncoder().encode(answer) else { return }
            FileHandle.standardOutput.write(data + Data("\n".utf8))
        }
    }

    /// The answer to a command; nil to end.
    private mutating func perform(_ command: WorkerCommand) throws -> (any Encodable)? {
        if case .load(let load) = command { return Answer(body: try self.load(load)) }
        if case .quit = command { return nil }
        guard let loaded else { throw WorkerError.notLoaded }
        switch command {
        case .run(let count): return Answer(body: run(loaded, count))
        case .evaluate(let dataset, let datasets): return Answer(body: try evaluate(loaded, dataset, datasets))
        case .export(let folder):
            try NetworkExport.write(
                loaded.network, input: loaded.input, output: loaded.plan.run(loaded.input), to: folder)
            return Answer(body: Nothing())
        case .load, .quit: return nil
        }
    }

    private mutating func load(_ load: WorkerLoad) throws -> WorkerLoaded {
        loaded = nil
        let start = Clock.now()
        let model = try Model.load(load.model, models: load.models, seed: load.seed, form: load.form)
        let network = try model.network(in: load.form)
        let afterLoad = Clock.now()
        let options = PlanOptions(threads: load.threads, isa: load.isa, algorithm: load.algorithm)
        let shape = [load.batch, network.inputChannels] + (load.size ?? model.inputSize)
        let plan = try Plan(network, inputShape: shape, options: options)
        let afterPlan = Clock.now()
        let input = Tensor.normal(shape: shape, seed: load.seed)
        let beforeFirst = Clock.now()
        let output = plan.run(input)
        let afterFirst = Clock.now()
        loaded = Loaded(model: model, network: network, plan: plan, input: input, options: options)
        return WorkerLoaded(
            name: model.name, family: network.family, form: network.form, parameters: network.parameterCount,
            multiplyAdds: plan.layers.reduce(0) { $0 + $1.multiplyAdds }, inputShape: shape,
            weightsSource: model.weights.source, weightsSHA256: model.weights.sha256,
            storedBytes: model.weights.bytes, denseBytes: model.weights.denseBytes,
            planWeightBytes: plan.weightBytes, activationBytes: plan.activationBytes,
            algorithms: Dictionary(uniqueKeysWithValues: plan.layers.compactMap { layer in
                layer.algorithm.map { (layer.name, $0) }
            }),
            loadSeconds: Clock.seconds(from: start, to: afterLoad),
            planSeconds: Clock.seconds(from: afterLoad, to: afterPlan),
            firstSeconds: Clock.seconds(from: beforeFirst, to: afterFirst),
            inputSHA256: Digest.sha256(input), outputSHA256: Digest.sha256(output), openBLAS: OpenBLAS.description)
    }

    /// Times `count` inferences; nothing is allocated while the clock runs.
    private func run(_ loaded: Loaded, _ count: Int) -> WorkerSamples {
        var seconds = [Double](repeating: 0, count: count)
        let output = Tensor(shape: loaded.plan.outputShape) { output in
            for index in 0..<count {
                let start = Clock.now()
                loaded.plan.run(input: loaded.input.floats, output: output)
                seconds[index] = Clock.seconds(from: start, to: Clock.now())
            }
        }
        return WorkerSamples(seconds: seconds, outputSHA256: Digest.sha256(output))
    }

    private func evaluate(_ loaded: Loaded, _ dataset: String, _ datasets: [String]) throws -> WorkerAccuracy {
        let evaluator = Evaluator(
            model: loaded.model, network: loaded.network, options: loaded.options,
            batch: loaded.plan.inputShape[0])
        let result = try evaluator.classify(try Dataset.find(dataset, in: datasets))
        return WorkerAccuracy(
            dataset: result.dataset, count: result.count, failed: result.failed, top1: result.top1, top5: result.top5,
            outcomes: String(result.outcomes.map { $0 ? "1" : "0" }))
    }
}

enum WorkerError: Error, CustomStringConvertible {
    case notLoaded

    var description: String { "load comes first" }
}
