import Foundation
import Measurement
import Testing

/// A results file with every part filled in, for tests to vary.
func sampleResults(id: String = "0123abcd", cases: [CaseRecord] = [sampleCase()]) -> Results {
    var run = RunRecord(
        id: id, suite: "repvgg", started: Date(timeIntervalSince1970: 1_750_000_000),
        command: ["harness", "run", "--suite", "repvgg"], seed: 7, harnessVersion: "0.1.0")
    run.finished = Date(timeIntervalSince1970: 1_750_000_060)
    run.git = GitRecord(commit: String(repeating: "c", count: 40), dirty: false)
    var cpu = CPURecord(model: "Example CPU \"9000\" / 2 GHz", cores: 2)
    cpu.isa = "x86-64-v3"
    cpu.caches = ["L1d": 32_768, "L2": 1_048_576]
    var environment = EnvironmentRecord(cpu: cpu)
    environment.memoryBytes = 8_000_000_000
    environment.os = "Debian 13"
    environment.kernel = "Linux 6.12.0"
    environment.swift = "6.3.1"
    environment.openblas = OpenBLASRecord(version: "0.3.29", core: "Haswell")
    environment.loadAverage = [0.5, 0.25, 0.125]
    environment.warnings = ["turbo: the clock rate varies"]
    return Results(run: run, environment: environment, cases: cases)
}

func sampleCase(
    id: String = "repvgg-a0/native/1x3x224x224/t1",
    processes: [[Double]] = [[0.011, 0.01, 0.012], [0.0125, 0.01, 0.02]]
) -> CaseRecord {
    var result = CaseRecord(
        id: id, model: "repvgg-a0", engine: "native", threads: 1, batch: 1, input: [1, 3, 224, 224])
    result.weights = WeightsRecord(
        source: .file, sha256: String(repeating: "a", count: 64), bytes: 400, denseBytes: 800)
    result.latencySeconds = LatencyRecord(processes: processes, warmup: 6, stopReason: .precise)
    result.memoryBytes = MemoryRecord(peakRSS: 100_000_000, weights: 400, activations: 1_000, peaks: [99_000_000])
    var accuracy = AccuracyRecord(dataset: "digits", count: 5)
    accuracy.top1 = 0.6
    accuracy.outcomes = Outcomes([true, false, true, false, true])
    result.accuracy = accuracy
    result.outputSHA256 = String(repeating: "b", count: 64)
    result.algorithms = ["stage0": "winograd", "stage1": "direct"]
    result.phases = ["load": PhaseRecord(samples: [0.5, 0.25])]
    return result
}

private let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

func fixture(_ name: String) throws -> String {
    try String(contentsOf: fixtures.appendingPathComponent(name), encoding: .utf8)
}

/// Compares with a fixture; with UPDATE_SNAPSHOTS=1 in the environment writes it instead.
func expectSnapshot(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
        try Data(text.utf8).write(to: fixtures.appendingPathComponent(name))
    }
    #expect(try text == fixture(name), sourceLocation: sourceLocation)
}

/// A new empty folder, removed after `body`.
func withTemporaryFolder<T>(_ body: (String) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("measurement-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path)
}
