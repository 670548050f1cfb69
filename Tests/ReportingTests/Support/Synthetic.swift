import Foundation
import Measurement

/// Results that look like a machine's, from a seed: the same seed gives the same bytes.
struct Synthetic {
    var generator: SplitMix64
    /// Samples per case, in three processes.
    var samples = 120

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    // MARK: Runs

    /// RepVGG as trained and fused, other networks, compressed ones with accuracies, two contenders, and one failure.
    mutating func suite(run: Int = 0, slower: Double = 1) -> Results {
        var cases: [CaseRecord] = []
        for (model, fused, parameters) in [("repvgg-a0", 0.0231, 8_309_384), ("repvgg-b0", 0.0478, 14_339_048)] {
            cases.append(network(model, "training", fused * 1.72 * slower, parameters: parameters * 11 / 10))
            let native = network(model, "fused", fused * slower, parameters: parameters)
            cases.append(native)
            for (engine, ratio) in [("onnxruntime", 0.93), ("torch", 1.31)] {
                cases.append(contender(of: native, engine, ratio: ratio))
            }
        }
        cases.append(network("vgg-16", nil, 0.214 * slower, parameters: 138_357_544))
        cases.append(network("resnet-50", nil, 0.0612 * slower, parameters: 25_557_032))
        cases += compressed(slower: slower)
        var failed = CaseRecord(
            id: "resnet-18@openvino", model: "resnet-18", engine: "openvino", threads: 1, batch: 1,
            input: [1, 3, 224, 224])
        failed.error = "openvino: no module of this name; install it with pip"
        cases.append(failed)
        return Results(run: record(run), environment: Self.environment, cases: cases)
    }

    /// Runs of few small cases, a day apart, with a step of `step` after two thirds of them.
    mutating func history(runs: Int, cases: Int = 6, step: Double = 1.08) -> [Results] {
        (0..<runs).map { run in
            let factor = run >= runs * 2 / 3 ? step : 1
            let records = (0..<cases).map { index in
                network("net-\(index)", "fused", 0.004 * Double(index + 1) * (index % 2 == 0 ? factor : 1))
            }
            return Results(run: record(run), environment: Self.environment, cases: records)
        }
    }

    // MARK: Cases

    mutating func network(_ model: String, _ form: String?, _ median: Double, parameters: Int = 1_000_000)
        -> CaseRecord
    {
        var one = CaseRecord(
            id: [model, form].compactMap { $0 }.joined(separator: "-"), model: model, engine: "native", threads: 1,
            batch: 1, input: [1, 3, 224, 224])
        one.form = form
        one.family = model.split(separator: "-").first.map(String.init)
        one.parameters = parameters
        one.multiplyAdds = parameters * 160
        one.weights = WeightsRecord(source: .random, sha256: nil, bytes: 4 * parameters, denseBytes: 4 * parameters)
        let times = processes(median)
        one.latencySeconds = LatencyRecord(processes: times, warmup: 30, stopReason: .precise)
        one.throughput = one.latencySeconds.map { 1 / $0.median }
        one.cpuSeconds = one.latencySeconds.map { $0.samples.reduce(0, +) * 0.998 }
        let weights = 4 * parameters
        one.memoryBytes = MemoryRecord(
            peakRSS: weights + 21_000_000, weights: weights, activations: 6_422_528,
            peaks: [weights + 21_100_000, weights + 21_000_000, weights + 20_900_000])
        one.phases = [
            "load": PhaseRecord(samples: times.map { _ in 1.1e-9 * Double(weights) * noise(0.1) }),
            "first_inference": PhaseRecord(samples: times.map { _ in 1.9 * median * noise(0.1) }),
            "steady": PhaseRecord(samples: times.map(\.median)),
        ]
        one.algorithms = [
            "stage0.conv": "direct 3×3", "stage1.0": "Winograd F(4×4, 3×3)", "stage1.1": "Winograd F(4×4, 3×3)",
            "stage2.10": "im2col", "stage2.9": "Winograd F(2×2, 3×3)", "linear": "matrix × vector",
        ]
        one.outputSHA256 = String(repeating: "0123456789abcdef", count: 4)
        return one
    }

    private mutating func contender(of native: CaseRecord, _ engine: String, ratio: Double) -> CaseRecord {
        var one = native
        one.id = "\(native.id)@\(engine)"
        one.engine = engine
        one.algorithms = nil
        let median = (native.latencySeconds?.median ?? 1) * ratio
        one.latencySeconds = LatencyRecord(processes: processes(median), warmup: 30)
        one.throughput = one.latencySeconds.map { 1 / $0.median }
        one.ratioToNative = one.latencySeconds.map { $0.median / (native.latencySeconds?.median ?? 1) }
        one.memoryBytes?.peakRSS = (native.memoryBytes?.peakRSS ?? 0) * 3
        one.memoryBytes?.activations = nil
        return one
    }

    /// A trained network, stored in several ways.
    private mutating func compressed(slower: Double) -> [CaseRecord] {
        let forms: [(String, bytes: Int, latency: Double, top1: Double)] = [
            ("float32", 27_800_000, 0.0062, 0.9274), ("fp16", 13_900_000, 0.0063, 0.9273),
            ("int8", 6_980_000, 0.0058, 0.9251), ("pqf-8", 1_810_000, 0.0069, 0.9112),
            ("pqf-16", 980_000, 0.0068, 0.8874), ("kmeans-16", 990_000, 0.0068, 0.8513),
        ]
        return forms.map { name, bytes, latency, top1 in
            var one = network("repvgg-cifar10", "fused", latency * slower, parameters: 6_950_000)
            one.id = "repvgg-cifar10-\(name)"
            one.variant = name
            one.input = [1, 3, 32, 32]
            one.weights = WeightsRecord(
                source: .file, sha256: String(repeating: "ab", count: 32), bytes: bytes, denseBytes: 27_800_000)
            one.memoryBytes?.weights = bytes
            var accuracy = AccuracyRecord(dataset: "cifar10", count: 10_000)
            accuracy.top1 = top1
            accuracy.top5 = 1 - (1 - top1) / 12
            accuracy.gates = ["top1": 0.87]
            one.accuracy = accuracy
            return one
        }
    }

    // MARK: Parts

    private func record(_ number: Int) -> RunRecord {
        let started = Date(timeIntervalSince1970: 1_767_225_600 + 86_400 * Double(number))
        let digits = String(0x00c0_ffee + number, radix: 16)
        let id = String(repeating: "0", count: 8 - digits.count) + digits
        var run = RunRecord(
            id: id, suite: "repvgg", started: started, command: ["harness", "run", "--suite", "repvgg"], seed: 1,
            harnessVersion: "1.0.0")
        run.finished = started.addingTimeInterval(312)
        run.git = GitRecord(commit: String(repeating: id, count: 5), dirty: number % 10 == 9)
        run.order = "interleaved"
        return run
    }

    static var environment: EnvironmentRecord {
        var cpu = CPURecord(model: "Intel(R) Xeon(R) Processor @ 2.10GHz", cores: 2)
        cpu.isa = "x86-64-v4"
        cpu.physicalCores = 1
        cpu.caches = ["L1d": 49_152, "L1i": 32_768, "L2": 2_097_152, "L3": 110_100_480]
        cpu.flags = ["avx2", "avx512f", "avx512_vnni", "fma"]
        var environment = EnvironmentRecord(cpu: cpu)
        environment.memoryBytes = 8_323_000_000
        environment.os = "Debian GNU/Linux 12 (bookworm)"
        environment.kernel = "Linux 6.1.0-18-amd64"
        environment.swift = "6.2.1"
        environment.openblas = OpenBLASRecord(version: "0.3.21", core: "SkylakeX")
        environment.loadAverage = [0.42, 0.31, 0.18]
        environment.steal = 0.004
        environment.hypervisor = "KVM"
        environment.warnings = [
            "virtual: the machine is a virtual one (KVM), whose clock rate and neighbours are not known",
            "smt: two hardware threads share a core",
        ]
        return environment
    }

    /// Three processes, each with its own small offset, a short tail and a few outliers.
    private mutating func processes(_ median: Double) -> [[Double]] {
        (0..<3).map { process in
            let offset = 1 + 0.004 * (noise(1) - 1)
            return (0..<samples / 3 + (process < samples % 3 ? 1 : 0)).map { _ in
                let tail = generator.uniform() < 0.03 ? 1 + 0.25 * generator.uniform() : 1
                return median * offset * noise(0.008) * tail
            }
        }
    }

    /// About 1, with this relative deviation.
    private mutating func noise(_ deviation: Double) -> Double {
        max(0.05, 1 + deviation * generator.normal())
    }
}
