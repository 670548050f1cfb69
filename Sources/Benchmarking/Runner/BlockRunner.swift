import Engine
import Foundation
import Interchange
import Kernels
import Measurement
import Tensors

/// Measures one case in one fresh process.
struct BlockRunner: Sendable {
    let executable: String
    let locations: Locations
    let options: RunOptions
    let workspace: Workspace
    /// What tuned choices are kept under.
    let tuning: WorkerLoad.Tuning

    /// Adds a block to `state`; throws what kept it from being measured.
    func run(_ state: inout CaseState) async throws {
        state = state.spec.engine == "native" ? try await native(state) : try await contender(state)
    }

    private func native(_ before: CaseState) async throws -> CaseState {
        try await withProcess("native", executable, ["worker"]) { process in
            var state = before
            let loaded: WorkerLoaded = try await process.ask(
                WorkerCommand.load(load(state)), timeout: options.timeout)
            if let earlier = state.loaded, earlier.outputSHA256 != loaded.outputSHA256 {
                throw BlockError.unstableOutput
            }
            state.loaded = loaded
            var block = try await sample(
                process, loadSeconds: loaded.loadSeconds + loaded.planSeconds,
                firstSeconds: loaded.firstSeconds, expected: loaded.outputSHA256)
            // The kernel's count began anew after each phase.
            block.peakRSS = ProcessMemory.peak(of: process.identifier).map { max($0, loaded.peaks?.values.max() ?? 0) }
            state.blocks.append(block)
            if state.spec.scenario != .singleStream, state.scenario == nil {
                let played: WorkerScenario = try await process.ask(
                    WorkerCommand.scenario(
                        state.spec.scenario, seconds: options.maxSeconds / Double(options.blocks),
                        latencyBound: state.spec.latencyBound),
                    timeout: options.timeout)
                state.scenario = played.record
            }
            guard !ImagePreparation.isNamed(by: state.model) else { return state }
            if state.details == nil, options.details {
                let dataset = try state.spec.dataset.flatMap {
                    try hasImages($0, upscaling: loaded.family == "liif", state: &state) ? $0 : nil
                }
                state.details =
                    try await process.ask(
                        WorkerCommand.details(dataset: dataset, datasets: locations.datasets),
                        timeout: options.timeout) as WorkerDetails
            }
            if let dataset = state.spec.dataset, state.accuracy == nil {
                guard !state.isRandom else { throw BlockError.randomAccuracy }
                if try hasImages(dataset, upscaling: loaded.family == "liif", state: &state) {
                    state.accuracy =
                        try await process.ask(
                            WorkerCommand.evaluate(dataset: dataset, datasets: locations.datasets),
                            timeout: options.timeout) as WorkerAccuracy
                }
            }
            return state
        }
    }

    /// Whether the data set's images are here; where only its manifest is, the speed still counts.
    private func hasImages(_ dataset: String, upscaling: Bool, state: inout CaseState) throws -> Bool {
        do throws(ConfigurationError) {
            if upscaling {
                _ = try PhotoSet.find(dataset, in: locations.datasets)
            } else {
                _ = try Dataset.find(dataset, in: locations.datasets)
            }
            return true
        } catch {
            guard case .absent = error else { throw error }
            state.note = "\(error)"
            return false
        }
    }

    private func contender(_ before: CaseState) async throws -> CaseState {
        guard before.spec.scenario == .singleStream else { throw BlockError.scenario }
        let engine = try EngineCatalogue(suites: locations.suites).contender(before.spec.engine)
        let folder = try await export(before)
        return try await withProcess(engine.name, engine.executable, engine.arguments) { process in
            var state = before
            state.loaded = folder.loaded
            let output = "\(folder.path)/\(state.spec.engine).safetensors"
            let loaded: ContenderLoaded = try await process.ask(
                ContenderLoad(
                    network: "\(folder.path)/network.json", weights: "\(folder.path)/weights.safetensors",
                    input: "\(folder.path)/input.safetensors", output: output, threads: state.spec.threads),
                timeout: options.timeout)
            state.engineVersion = loaded.version
            state.note = loaded.note
            try check(output, against: "\(folder.path)/output.safetensors")
            var block = try await sample(
                process, loadSeconds: loaded.loadSeconds, firstSeconds: loaded.firstSeconds, expected: nil)
            block.peakRSS = ProcessMemory.peak(of: process.identifier)
            try await checkOtherInputs(
                process, folder: folder.path, engine: state.spec.engine, median: block.samples.median)
            state.blocks.append(block)
            return state
        }
    }

    /// How many inferences of `seconds` to ask for at once: an answer every twentieth of a second or so keeps the talking
    /// out of the measurement.
    private static func chunk(_ seconds: Double) -> Int { min(max(Int(0.05 / max(seconds, 1e-6)), 1), 5_000) }

    /// Warms up until the times are steady, then samples until the median is precise or the block's time is over.
    private func sample(
        _ process: EngineProcess, loadSeconds: Double, firstSeconds: Double, expected: String?
    ) async throws -> CaseState.Block {
        var warmup = WarmupRule()
        warmup.maximumSeconds = options.warmupSeconds
        var stop = StopRule()
        (stop.relativeHalfWidth, stop.minimumSamples) = (options.precision, options.minimumSamples)
        stop.maximumSeconds = options.maxSeconds / Double(options.blocks)
        var digest: String?
        var phases: [String: [Double]] = [:]
        var usage: ProcessUsage?
        var counters: CountersRecord?
        // Guessed at first from an inference that often takes far longer than the others.
        var chunk = Self.chunk(firstSeconds)
        func take() async throws -> [UInt64] {
            let answer: WorkerSamples = try await process.ask(
                WorkerCommand.run(count: chunk), timeout: options.timeout)
            if let expected, let found = answer.outputSHA256, found != expected { throw BlockError.unstableOutput }
            digest = answer.outputSHA256
            for (phase, seconds) in answer.phases ?? [:] { phases[phase, default: []] += seconds }
            if let more = answer.usage { usage = usage.map { $0 + more } ?? more }
            if let more = answer.counters { counters = counters.map { $0 + more } ?? more }
            guard answer.seconds.count == chunk, answer.seconds.allSatisfy({ $0 > 0 && $0 < 1e6 }) else {
                throw BlockError.impossibleTimes
            }
            chunk = Self.chunk(answer.seconds.median)
            return answer.seconds.map { UInt64($0 * 1e9) }
        }
        var decision = WarmupRule.Decision.continue
        var (warmupCount, warmupTime) = (0, UInt64(0))
        while decision == .continue {
            for time in try await take() {
                (warmupCount, warmupTime) = (warmupCount + 1, warmupTime + time)
                if decision == .continue { decision = warmup.add(time) }
            }
        }
        (usage, counters) = (nil, nil)
        let before = ProcessUsage.of(process.identifier)
        var times: [UInt64] = []
        var reason: StopReason?
        while reason == nil {
            times += try await take()
            reason = stop.check(times, elapsed: times.reduce(0, +))
        }
        // Other engines do not tell; of them it is seen from outside, in hundredths of a second.
        if usage == nil, let before, let now = ProcessUsage.of(process.identifier) { usage = now - before }
        return CaseState.Block(
            samples: times.map { Double($0) * 1e-9 }, warmupCount: warmupCount,
            warmupSeconds: Double(warmupTime) * 1e-9, steady: decision == .steady,
            stopReason: reason ?? .maximumSeconds, loadSeconds: loadSeconds, firstSeconds: firstSeconds,
            outputSHA256: digest, phases: phases.mapValues(\.median), usage: usage, counters: counters)
    }

    /// Runs `body` with a fresh process, whose environment is padded at random so that no placement of its stack is
    /// measured alone.
    private func withProcess<Value>(
        _ engine: String, _ executable: String, _ arguments: [String],
        _ body: (EngineProcess) async throws -> Value
    ) async throws -> Value {
        var command = [executable] + arguments
        if let nice = options.nice { command = ["nice", "-n", "\(nice)"] + command }
        if let pin = options.pin { command = ["taskset", "--cpu-list", pin] + command }
        let padding = String(repeating: "x", count: Int.random(in: 0...4096))
        var environment = ["HARNESS_PADDING": padding]
        // OpenBLAS would start with threads that spin for a while; it is told its number when it is used.
        if engine == "native" { environment["OPENBLAS_NUM_THREADS"] = "1" }
        return try await EngineProcess.with(
            engine: engine, executable: command[0], arguments: Array(command.dropFirst()),
            environment: environment, body: body)
    }

    private func load(_ state: CaseState) -> WorkerLoad {
        let spec = state.spec
        var load = WorkerLoad(
            model: state.model, models: locations.models, form: spec.form, threads: spec.threads, batch: spec.batch,
            size: spec.input, seed: options.seed, isa: options.isa, algorithm: options.algorithm)
        load.scale = spec.scale
        load.images = spec.dataset.map { .init(dataset: $0, datasets: locations.datasets) }
        let recorded = options.recorded[spec.id]
        load.choices = (recorded?.algorithms ?? [:]).compactMapValues(ConvolutionAlgorithm.init)
        load.lowMemory = options.lowMemory || spec.lowMemory
        load.decode = options.decode ?? recorded?.decode.flatMap(Decode.init) ?? spec.decode
        load.tuning = options.tune ? tuning : nil
        return load
    }

    /// The network of a case, written out for other engines; made once per run.
    private func export(_ state: CaseState) async throws -> (path: String, loaded: WorkerLoaded) {
        let spec = state.spec
        let input = "\(spec.batch) \(spec.input ?? []) \(spec.scale ?? 0) \(spec.dataset ?? "")"
        let key = Digest.sha256(Array("\(state.model) \(spec.form?.rawValue ?? "") \(input)".utf8))
        let path = try workspace.folder(String(key.prefix(16)))
        let facts = URL(fileURLWithPath: "\(path)/loaded.json")
        if let data = try? Data(contentsOf: facts) {
            return (path, try JSONDecoder().decode(WorkerLoaded.self, from: data))
        }
        let loaded = try await withProcess("native", executable, ["worker"]) { process in
            let loaded: WorkerLoaded = try await process.ask(
                WorkerCommand.load(load(state)), timeout: options.timeout)
            let _: WorkerDone = try await process.ask(WorkerCommand.export(folder: path), timeout: options.timeout)
            return loaded
        }
        try JSONEncoder().encode(loaded).write(to: facts)
        return (path, loaded)
    }
}
