import Engine
import Foundation
import Interchange
import Measurement
import Tensors

/// The process that measures one case with this project's engine: reads `WorkerCommand`s, answers each with a line.
package struct Worker {
    private var loaded: Loaded?

    /// The network itself is not kept: the plan has taken its weights.
    private struct Loaded {
        let request: WorkerLoad
        let workload: Workload
        let input: Tensor
        let options: PlanOptions

        /// Another input of the same distribution: the values in reverse order.
        var secondInput: Tensor { Tensor(shape: input.shape, input.array.reversed()) }
    }

    private let clock = MonotonicClock()
    /// Opened before any thread is started, so that all of them count.
    private let counters = HardwareCounters()

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
        case .scenario(let scenario, let seconds, let bound):
            return Answer(body: play(loaded, scenario, seconds, bound))
        case .details(let dataset, let datasets):
            try checkSecondInput(loaded)
            guard case .plan(let plan) = loaded.workload else {
                return Answer(body: WorkerDetails(layers: [], phases: [:]))
            }
            return Answer(body: try Details(plan, loaded.input).take(loaded.request, dataset, datasets))
        case .evaluate(let dataset, let datasets): return Answer(body: try evaluate(loaded, dataset, datasets))
        case .export(let folder):
            if case .preparation(let preparation) = loaded.workload {
                try NetworkExport.write(
                    preparation, input: loaded.input, output: loaded.workload.run(loaded.input), to: folder)
                return Answer(body: Nothing())
            }
            try NetworkExport.write(
                try network(loaded.request).network, input: loaded.input, output: loaded.workload.run(loaded.input),
                to: folder)
            let second = loaded.secondInput
            try NetworkExport.write(
                ["check_input": second, "check_output": loaded.workload.run(second)], to: folder)
            return Answer(body: Nothing())
        case .load, .quit: return nil
        }
    }

    private mutating func load(_ load: WorkerLoad) throws -> WorkerLoaded {
        loaded = nil
        if ImagePreparation.isNamed(by: load.model) { return try loadPreparation(load) }
        var peaks: [String: Int] = [:]
        func endOf(_ phase: String, ifReset: Bool) -> Bool {
            if ifReset { peaks[phase] = ProcessMemory.peak() }
            return ifReset && ProcessMemory.resetPeak()
        }
        var perPhase = ProcessMemory.resetPeak()
        let start = clock.now()
        var model = try Model.load(load.model, models: load.models, seed: load.seed, form: load.form)
        let (parameters, inputSize) = (model.network.parameterCount, load.size ?? model.inputSize)
        let network = try model.takeNetwork(in: load.form)
        let (family, form) = (network.family, network.form)
        let afterLoad = clock.now()
        perPhase = endOf("load", ifReset: perPhase)
        var options = PlanOptions(
            threads: load.threads, isa: load.isa, algorithm: load.algorithm, choices: load.choices)
        (options.lowMemory, options.decode) = (load.lowMemory, load.decode)
        let shape = [load.batch, network.inputChannels] + inputSize
        if let tuning = load.tuning {
            var cache = TuningCache(cpu: tuning.cpu, options: options, version: tuning.version)
            options = try cache.tuned(network, inputShape: shape, options: options)
        }
        let beforePlan = clock.now()
        let workload = try Workload(consume network, shape: shape, scale: load.scale, options: options)
        let afterPlan = clock.now()
        perPhase = endOf("plan", ifReset: perPhase)
        let input = try photograph(load, shape: shape, family: family) ?? .normal(shape: shape, seed: load.seed)
        let beforeFirst = clock.now()
        let output = workload.run(input)
        let afterFirst = clock.now()
        _ = endOf("first_inference", ifReset: perPhase)
        loaded = Loaded(request: load, workload: workload, input: input, options: options)
        return WorkerLoaded(
            name: model.name, family: family, form: form, parameters: parameters,
            multiplyAdds: workload.multiplyAdds, inputShape: shape,
            weightsSource: model.weights.source, weightsSHA256: try model.weights.sha256(),
            storedBytes: model.weights.bytes, denseBytes: model.weights.denseBytes,
            planWeightBytes: workload.weightBytes, activationBytes: workload.activationBytes,
            algorithms: Dictionary(
                uniqueKeysWithValues: workload.layers.compactMap { layer in
                    layer.algorithm.map { (layer.name, $0) }
                }),
            outputShape: workload.outputShape, loadSeconds: seconds(start, afterLoad),
            planSeconds: seconds(beforePlan, afterPlan),
            firstSeconds: seconds(beforeFirst, afterFirst),
            inputSHA256: Digest.sha256(input), outputSHA256: Digest.sha256(output), peaks: peaks.isEmpty ? nil : peaks)
    }

    /// The input of an upsampling network whose case names a data set: the middle of its first photograph, shrunk to
    /// `shape`. Nil for other cases, and where the images are not here.
    private func photograph(_ load: WorkerLoad, shape: [Int], family: String) throws -> Tensor? {
        guard family == "liif", let images = load.images else { return nil }
        let photos: PhotoSet
        do throws(ConfigurationError) {
            photos = try PhotoSet.find(images.dataset, in: images.datasets)
        } catch {
            guard case .absent = error else { throw error }
            return nil
        }
        return try photos.items.first?.input(height: shape[2], width: shape[3])
    }

    private mutating func loadPreparation(_ load: WorkerLoad) throws -> WorkerLoaded {
        guard let images = load.images else { throw ImagePreparationError.noDataset }
        guard load.threads == 1 else { throw ImagePreparationError.threads }
        let start = clock.now()
        let preparation = try ImagePreparation(
            load.model, dataset: images.dataset, datasets: images.datasets, models: load.models, batch: load.batch)
        let workload = Workload.preparation(preparation)
        let input = Tensor(shape: [load.batch], (0..<load.batch).map(Float.init))
        let afterLoad = clock.now()
        let output = workload.run(input)
        let afterFirst = clock.now()
        loaded = Loaded(request: load, workload: workload, input: input, options: PlanOptions())
        return WorkerLoaded(
            name: load.model, family: "preprocessing", form: .plain, parameters: 0, multiplyAdds: 0,
            inputShape: preparation.outputShape, weightsSource: "none", weightsSHA256: "", storedBytes: 0,
            denseBytes: 0, planWeightBytes: 0, activationBytes: 0, algorithms: [:],
            outputShape: preparation.outputShape, loadSeconds: seconds(start, afterLoad), planSeconds: 0,
            firstSeconds: seconds(afterLoad, afterFirst), inputSHA256: try preparation.digest(),
            outputSHA256: Digest.sha256(output))
    }

    /// Times `count` inferences; while the clock runs nothing is allocated but an upsampler's windows.
    private func run(_ loaded: Loaded, _ count: Int) -> WorkerSamples {
        var times: [UInt64] = []
        var parts = [Upsampler.Phases?](repeating: nil, count: count)
        let (before, counted) = (ProcessUsage.current(), counters?.read())
        let output = Tensor(shape: loaded.workload.outputShape) { output in
            times = TimedLoop.run(count: count, clock: clock) { index in
                parts[index] = loaded.workload.run(loaded.input, output: output, clock: clock)
            }
        }
        let usage = ProcessUsage.current() - before
        let counts = counters.map { $0.read() }.flatMap { now in counted.map { now - $0 } }
        let phases = parts.compactMap(\.self)
        return WorkerSamples(
            seconds: times.map { Double($0) * 1e-9 },
            phases: phases.isEmpty ? nil : ["encode": phases.map(\.encode), "decode": phases.map(\.decode)],
            outputSHA256: Digest.sha256(output), usage: usage, counters: counts)
    }

    private func play(
        _ loaded: Loaded, _ scenario: Scenario, _ seconds: Double, _ bound: Double?
    ) -> WorkerScenario {
        let input = loaded.input
        var record: ScenarioRecord?
        _ = Tensor(shape: loaded.workload.outputShape) { output in
            _ = loaded.workload.run(input, output: output, clock: clock)
            record = ScenarioTimer(seed: loaded.request.seed, images: input.shape[0])
                .play(scenario, seconds: seconds, latencyBound: bound) {
                    _ = loaded.workload.run(input, output: output, clock: clock)
                }
        }
        guard let record else { preconditionFailure("a tensor's values are asked for") }
        return WorkerScenario(record: record)
    }

    private func evaluate(_ loaded: Loaded, _ dataset: String, _ datasets: [String]) throws -> WorkerAccuracy {
        let (model, network) = try network(loaded.request)
        if network.decoder != nil {
            let photos = try PhotoSet.find(dataset, in: datasets)
            let evaluator = UpscaleEvaluator(network: network, options: loaded.options)
            return WorkerAccuracy(try evaluator.evaluate(photos, scale: loaded.request.scale ?? 4))
        }
        let evaluator = Evaluator(
            model: model, network: network, options: loaded.options, batch: loaded.input.shape[0])
        let result = try evaluator.classify(try Dataset.find(dataset, in: datasets))
        return WorkerAccuracy(
            dataset: result.dataset, count: result.count, failed: result.failed, top1: result.top1, top5: result.top5,
            outcomes: String(result.outcomes.map { $0 ? "1" : "0" }), predictions: result.predictions)
    }

    /// Finds out whether what was timed still looks at its input: a second one must give what a fresh plan gives.
    private func checkSecondInput(_ loaded: Loaded) throws {
        if case .preparation = loaded.workload { return }
        let input = loaded.secondInput
        let found = Digest.sha256(loaded.workload.run(input))
        let fresh = try Workload(
            try network(loaded.request).network, shape: input.shape, scale: loaded.request.scale,
            options: loaded.options)
        guard found == Digest.sha256(fresh.run(input)) else { throw WorkerError.secondInput }
    }

    /// The network anew, for what comes after the measurement.
    private func network(_ load: WorkerLoad) throws -> (model: Model, network: Network) {
        let model = try Model.load(load.model, models: load.models, seed: load.seed, form: load.form)
        return (model, try model.network(in: load.form))
    }

    private func seconds(_ start: UInt64, _ end: UInt64) -> Double { Double(end - start) * 1e-9 }
}

enum WorkerError: Error, CustomStringConvertible {
    case notLoaded
    case batchedUpsampling
    case secondInput

    var description: String {
        switch self {
        case .notLoaded: "load comes first"
        case .secondInput: "after the measurement its output for another input is not what a fresh plan gives"
        case .batchedUpsampling: "upsampling networks take one image at a time"
        }
    }
}
