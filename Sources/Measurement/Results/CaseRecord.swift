/// One measured case.
package struct CaseRecord: Codable, Equatable, Sendable {
    /// Unique in the file and stable between runs.
    package var id: String
    package var model: String
    @Nullable package var variant: String?
    package var engine: String
    package var threads: Int
    package var batch: Int
    /// The input's shape, [N, C, H, W].
    package var input: [Int]
    @Nullable package var weights: WeightsRecord?
    /// Null when the case failed before a sample was taken.
    @Nullable package var latencySeconds: LatencyRecord?
    @Nullable package var memoryBytes: MemoryRecord?
    /// Never with random weights.
    @Nullable package var accuracy: AccuracyRecord?
    /// Digest of the outputs, equal between runs, processes and thread counts.
    @Nullable package var outputSHA256: String?
    /// One line that says why the case failed.
    @Nullable package var error: String?

    /// Something to know about the case that did not keep it from running, such as an absent data set.
    package var note: String?
    package var engineVersion: String?
    /// The network's family, such as `repvgg`.
    package var family: String?
    /// The form of the network that ran, such as `train`, `deploy` or `pqf`.
    package var form: String?
    /// Layer name to the algorithm chosen for it.
    package var algorithms: [String: String]?
    /// The instruction set of the kernels, such as `x86-64-v3`.
    package var isa: String?
    /// When compressed weights are decoded, such as `load` or `run`.
    package var decode: String?
    package var parameters: Int?
    /// Of one inference of the whole batch.
    package var multiplyAdds: Int?
    /// Time per part of a process's life: `load`, `first_inference`, `steady` …
    package var phases: [String: PhaseRecord]?
    /// Images per second at the median latency.
    package var throughput: Double?
    /// Of the output, at the median latency; of networks that upsample.
    package var megapixelsPerSecond: Double?
    /// Median latency over that of the native engine on the same case in the same run.
    package var ratioToNative: Double?
    /// How queries arrived, where it was not one after another; `latencySeconds` is that of inferences all the same.
    package var scenario: ScenarioRecord?
    /// Of the layers that take time, in their order.
    package var layers: [LayerTime]?
    package var contextSwitches: ContextSwitchesRecord?
    /// Page faults that waited for the disk.
    package var majorFaults: Int?
    /// User and system time of the case's processes while they were sampling.
    package var cpuSeconds: Double?
    /// Digest of the input tensor, after decoding and preprocessing.
    package var inputSHA256: String?
    /// Digest of the decoded pixels, before preprocessing: tells a decoder's drift from an engine's.
    package var pixelsSHA256: String?
    /// Digest of the same images as the network's inputs: tells preprocessing's drift from the decoder's.
    package var tensorsSHA256: String?
    /// Of one inference, where the machine has such counters.
    package var counters: CountersRecord?

    package init(id: String, model: String, engine: String, threads: Int, batch: Int, input: [Int]) {
        self.id = id
        self.model = model
        self.engine = engine
        self.threads = threads
        self.batch = batch
        self.input = input
    }

    enum CodingKeys: String, CodingKey {
        case id, model, variant, engine, threads, batch, input, weights, accuracy, error, note
        case family, form, algorithms, isa, decode, parameters, phases, throughput, scenario, layers, counters
        case latencySeconds = "latency_seconds"
        case memoryBytes = "memory_bytes"
        case outputSHA256 = "output_sha256"
        case engineVersion = "engine_version"
        case multiplyAdds = "multiply_adds"
        case megapixelsPerSecond = "megapixels_per_second"
        case ratioToNative = "ratio_to_native"
        case contextSwitches = "context_switches"
        case majorFaults = "major_faults"
        case cpuSeconds = "cpu_seconds"
        case inputSHA256 = "input_sha256"
        case pixelsSHA256 = "pixels_sha256"
        case tensorsSHA256 = "tensors_sha256"
    }
}

/// What one layer takes.
package struct LayerTime: Codable, Equatable, Sendable {
    package var name: String
    package var algorithm: String?
    /// Median over a few inferences.
    package var seconds: Double

    package init(name: String, algorithm: String?, seconds: Double) {
        (self.name, self.algorithm, self.seconds) = (name, algorithm, seconds)
    }
}

package struct WeightsRecord: Codable, Equatable, Sendable {
    package enum Source: String, Codable, Sendable { case file, random }

    package var source: Source
    @Nullable package var sha256: String?
    /// As stored.
    @Nullable package var bytes: Int?
    /// As float32.
    @Nullable package var denseBytes: Int?
    package var file: String?
    /// `denseBytes` over `bytes`.
    package var ratio: Double?
    /// The mean over quantized layers of the sum of squared errors over that of squares, before any training.
    package var quantizationError: Double?

    package init(source: Source, sha256: String?, bytes: Int?, denseBytes: Int?) {
        self.source = source
        self.sha256 = sha256
        self.bytes = bytes
        self.denseBytes = denseBytes
    }

    enum CodingKeys: String, CodingKey {
        case source, sha256, bytes, file, ratio
        case denseBytes = "dense_bytes"
        case quantizationError = "quantization_error"
    }
}

package struct MemoryRecord: Codable, Equatable, Sendable {
    /// Highest resident size of the case's own process; with several processes, the median of their peaks.
    @Nullable package var peakRSS: Int?
    @Nullable package var weights: Int?
    @Nullable package var activations: Int?
    /// Highest resident size within each phase.
    package var phases: [String: Int]?
    /// Peak of each process, in the order of `blocks`.
    package var peaks: [Int]?

    package init(peakRSS: Int?, weights: Int?, activations: Int?, phases: [String: Int]? = nil, peaks: [Int]? = nil) {
        self.peakRSS = peakRSS
        self.weights = weights
        self.activations = activations
        self.phases = phases
        self.peaks = peaks
    }

    enum CodingKeys: String, CodingKey {
        case weights, activations, phases, peaks
        case peakRSS = "peak_rss"
    }
}

/// Seconds that one phase took, a sample per process.
package struct PhaseRecord: Codable, Equatable, Sendable {
    package var median: Double
    package var samples: [Double]

    /// `samples` must not be empty.
    package init(samples: [Double]) {
        median = samples.median
        self.samples = samples
    }
}

package struct ContextSwitchesRecord: Codable, Equatable, Sendable {
    /// Waits, for a lock or for data.
    package var voluntary: Int
    /// Taken off the core by the scheduler.
    package var involuntary: Int

    package init(voluntary: Int, involuntary: Int) {
        self.voluntary = voluntary
        self.involuntary = involuntary
    }
}
