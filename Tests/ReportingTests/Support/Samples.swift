import Foundation
import Measurement

/// Small results with round numbers for the exporters' snapshots: a measured case with everything, one with nothing
/// optional, a failed one, a contender, and ids and texts that need escaping everywhere.
func sampleResults() -> Results {
    var results = Results(run: sampleRun(), environment: sampleEnvironment(), cases: [])

    var full = CaseRecord(
        id: "repvgg-mnist-fused", model: "repvgg-mnist", engine: "native", threads: 1, batch: 2, input: [2, 1, 28, 28])
    full.variant = "pqf"
    full.form = "fused"
    full.weights = WeightsRecord(source: .file, sha256: "ab", bytes: 4_000, denseBytes: 64_000)
    full.latencySeconds = LatencyRecord(
        processes: [[0.004, 0.005, 0.003, 0.004], [0.0045, 0.0035, 0.004, 0.02]], warmup: 3)
    full.memoryBytes = MemoryRecord(
        peakRSS: 12_582_912, weights: 4_000, activations: 8_000, peaks: [12_582_912, 12_500_000])
    full.cpuSeconds = 0.024
    var accuracy = AccuracyRecord(dataset: "mnist-1k", count: 1_000)
    accuracy.top1 = 0.975
    accuracy.top5 = 0.999
    accuracy.gates = ["top1": 0.98, "top5": 0.99, "ssim": 0.9]
    full.accuracy = accuracy
    full.outputSHA256 = "cd"

    var contender = full
    contender.id = "repvgg-mnist-fused@torch"
    contender.engine = "torch"
    contender.latencySeconds = LatencyRecord(processes: [[0.006, 0.006, 0.0062, 0.0058, 0.006, 0.006]], warmup: 3)
    contender.ratioToNative = 1.5
    contender.accuracy = nil

    var bare = CaseRecord(id: "bare", model: "vgg-11", engine: "native", threads: 2, batch: 1, input: [1, 3, 32, 32])
    bare.latencySeconds = LatencyRecord(processes: [[1.5]], warmup: 0)

    var failed = CaseRecord(
        id: "odd | \"id\", <b>&'\\ ü", model: "a\nb", engine: "native", threads: 1, batch: 1, input: [1, 3, 32, 32])
    failed.error = "weights.pth: \"cut off\"\u{1B}[31m | at <byte> 12,\r\nsee *log*"
    failed.accuracy = accuracy

    results.cases = [full, contender, bare, failed]
    return results
}

func sampleRun() -> RunRecord {
    var run = RunRecord(
        id: "0123abcd", suite: "smoke", started: Date(timeIntervalSince1970: 1_767_225_600),
        command: ["harness", "run", "--suite", "smoke"], seed: 7, harnessVersion: "1.0.0")
    run.git = GitRecord(commit: String(repeating: "c0ffee00", count: 5), dirty: true)
    return run
}

func sampleEnvironment() -> EnvironmentRecord {
    var cpu = CPURecord(model: "Example CPU \"9000\" | 2 GHz", cores: 2)
    cpu.isa = "x86-64-v3"
    cpu.caches = ["L1d": 32_768, "L1i": 32_768, "L2": 1_048_576]
    var environment = EnvironmentRecord(cpu: cpu)
    environment.os = "Debian 12"
    environment.kernel = "Linux 6.1.0"
    environment.loadAverage = [0.5, 0.25, 0.125]
    environment.frequency = FrequencyRecord(current: 2.1e9, minimum: nil, maximum: 2.9e9)
    environment.warnings = ["governor: powersave lets the clock rate wander"]
    return environment
}
