import Engine
import Kernels
import Measurement

/// What the runner tells the process that measures a case: a JSON object per line, each answered by one.
///
/// Contenders speak the same protocol (see `engines/README.md`); `load` alone differs.
package enum WorkerCommand: Sendable, Codable {
    case load(WorkerLoad)
    /// Run this many inferences; answered by `WorkerSamples`.
    case run(count: Int)
    /// Play a scenario; answered by `WorkerScenario`.
    case scenario(Scenario, seconds: Double, latencyBound: Double?)
    /// Time the layers, and where a data set is named the way of its images; answered by `WorkerDetails`.
    case details(dataset: String?, datasets: [String])
    /// Take the accuracy on a data set; answered by `WorkerAccuracy`.
    case evaluate(dataset: String, datasets: [String])
    /// Write the network, its weights, the input and the output for other engines into a folder.
    case export(folder: String)
    case quit

    private enum Key: String, CodingKey {
        case command, count, dataset, datasets, folder, scenario, seconds, bound
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        switch try container.decode(String.self, forKey: .command) {
        case "load": self = .load(try WorkerLoad(from: decoder))
        case "run": self = .run(count: try container.decode(Int.self, forKey: .count))
        case "scenario":
            self = .scenario(
                try container.decode(Scenario.self, forKey: .scenario),
                seconds: try container.decode(Double.self, forKey: .seconds),
                latencyBound: try container.decodeIfPresent(Double.self, forKey: .bound))
        case "details":
            self = .details(
                dataset: try container.decodeIfPresent(String.self, forKey: .dataset),
                datasets: try container.decode([String].self, forKey: .datasets))
        case "evaluate":
            self = .evaluate(
                dataset: try container.decode(String.self, forKey: .dataset),
                datasets: try container.decode([String].self, forKey: .datasets))
        case "export": self = .export(folder: try container.decode(String.self, forKey: .folder))
        case "quit": self = .quit
        case let name:
            throw DecodingError.dataCorruptedError(
                forKey: .command, in: container, debugDescription: "no command \(name)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .load(let load):
            try container.encode("load", forKey: .command)
            try load.encode(to: encoder)
        case .run(let count):
            try container.encode("run", forKey: .command)
            try container.encode(count, forKey: .count)
        case .scenario(let scenario, let seconds, let bound):
            try container.encode("scenario", forKey: .command)
            try container.encode(scenario, forKey: .scenario)
            try container.encode(seconds, forKey: .seconds)
            try container.encodeIfPresent(bound, forKey: .bound)
        case .details(let dataset, let datasets):
            try container.encode("details", forKey: .command)
            try container.encodeIfPresent(dataset, forKey: .dataset)
            try container.encode(datasets, forKey: .datasets)
        case .evaluate(let dataset, let datasets):
            try container.encode("evaluate", forKey: .command)
            try container.encode(dataset, forKey: .dataset)
            try container.encode(datasets, forKey: .datasets)
        case .export(let folder):
            try container.encode("export", forKey: .command)
            try container.encode(folder, forKey: .folder)
        case .quit:
            try container.encode("quit", forKey: .command)
        }
    }
}

/// What the engine of this project is to load.
package struct WorkerLoad: Sendable, Codable {
    package var model: String
    package var models: [String]
    package var form: Network.Form?
    package var threads: Int
    package var batch: Int
    /// Height and width; nil: what the network or its manifest says.
    package var size: [Int]?
    /// Of the output, for networks that upsample; nil: 4.
    package var scale: Double?
    package var seed: UInt64
    package var isa: ISA
    package var algorithm: ConvolutionAlgorithm?
    /// Algorithms by layer, of an earlier run that is to be repeated.
    package var choices: [String: ConvolutionAlgorithm] = [:]
    package var lowMemory = false
    package var decode: Decode?
    /// Where the case's images are.
    package var images: Images?
    /// The CPU and the version to tune for; nil: the cost model chooses.
    package var tuning: Tuning?

    package struct Images: Sendable, Codable {
        package var dataset: String
        package var datasets: [String]
    }

    package struct Tuning: Sendable, Codable {
        package var cpu: String
        package var version: String
    }
}

/// The facts of a loaded case.
package struct WorkerLoaded: Sendable, Codable {
    package var name: String
    package var family: String
    package var form: Network.Form
    package var parameters: Int
    package var multiplyAdds: Int
    package var inputShape: [Int]
    package var weightsSource: String
    package var weightsSHA256: String
    package var storedBytes: Int
    package var denseBytes: Int
    /// As the plan keeps them, in bytes.
    package var planWeightBytes: Int
    package var activationBytes: Int
    package var algorithms: [String: String]
    package var outputShape: [Int]
    package var loadSeconds: Double
    package var planSeconds: Double
    package var firstSeconds: Double
    package var inputSHA256: String
    package var outputSHA256: String
    /// Highest resident bytes while loading, planning and during the first inference, where the kernel tells.
    package var peaks: [String: Int]?
}

package struct WorkerScenario: Sendable, Codable {
    package var record: ScenarioRecord
}

package struct WorkerDetails: Sendable, Codable {
    package var layers: [LayerTime]
    /// Seconds by phase, one for each image that was looked at.
    package var phases: [String: [Double]]
    /// Of these images, decoded.
    package var pixelsSHA256: String?
    /// Of the same images, prepared for the network.
    package var tensorsSHA256: String?
    /// What kept the images from being looked at.
    package var note: String?
}

package struct WorkerSamples: Sendable, Codable {
    package var seconds: [Double]
    /// Of each inference, where it has several phases.
    package var phases: [String: [Double]]?
    /// Digest of the last inference's output, taken after the clock stopped.
    package var outputSHA256: String?
    /// What the process used meanwhile.
    package var usage: ProcessUsage?
    package var counters: CountersRecord?

    private enum CodingKeys: String, CodingKey {
        case seconds, phases, usage, counters
        case outputSHA256 = "output_sha256"
    }
}

package struct WorkerAccuracy: Sendable, Codable {
    package var dataset: String
    package var count: Int
    package var failed: [Classification.Failure]
    package var top1: Double?
    package var top5: Double?
    /// `1` for each image whose class came first, `0` for the others.
    package var outcomes: String?
    /// The class of each image that came first.
    package var predictions: [Int]?
    /// Of networks that upsample.
    package var upscaling: UpscaleEvaluator.Result?
}

extension WorkerAccuracy {
    init(_ result: UpscaleEvaluator.Result) {
        self.init(dataset: result.dataset, count: result.count, failed: result.failed, upscaling: result)
    }
}

/// The answer to a command that only had to be carried out.
package struct WorkerDone: Sendable, Codable {}
