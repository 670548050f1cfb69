import Foundation
import Interchange
import Tensors

/// Where a fine-tuning stands: all that is needed to go on as if it had never stopped.
struct FineTuneState {
    struct Record: Codable {
        let settings: FineTuneSettings
        /// Of the network and the data that it began with.
        let fingerprint: String
        /// Steps of Adam taken.
        let steps: Int
        let epochs: [FineTuner.Epoch]
        /// Sum of the losses of the current epoch's steps.
        let lossSum: Double
    }

    var record: Record
    var values: [Float]
    var firstMoments: [Float]
    var secondMoments: [Float]
    var best: [Float]

    private static let key = "harness.fine_tuning"

    /// Writes a safetensors file; it appears whole or not at all.
    func write(to path: String) throws(TrainingError) {
        var checkpoint = Checkpoint(file: path)
        for (name, values) in [
            ("values", values), ("first_moments", firstMoments), ("second_moments", secondMoments), ("best", best),
        ] {
            checkpoint.tensors[name] = StoredTensor(Tensor(shape: [values.count], values))
        }
        checkpoint.metadata[Self.key] = (try? JSONEncoder().encode(record)).map { String(decoding: $0, as: UTF8.self) }
        do { try checkpoint.write(to: path) } catch { throw .checkpoint(error) }
    }

    /// Reads a state of the same settings and beginning; nil if there is no such file.
    static func read(
        _ path: String, settings: FineTuneSettings, fingerprint: String, count: Int
    ) throws(TrainingError) -> FineTuneState? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let checkpoint: Checkpoint
        do { checkpoint = try Checkpoint.read(path) } catch { throw .checkpoint(error) }
        guard let text = checkpoint.metadata[key],
            let record = try? JSONDecoder().decode(Record.self, from: Data(text.utf8))
        else { throw .state(file: path, reason: "is not the state of a fine-tuning") }
        guard record.settings == settings else {
            throw .state(file: path, reason: "is the state of a fine-tuning with other settings")
        }
        guard record.fingerprint == fingerprint else {
            throw .state(file: path, reason: "is the state of a fine-tuning of another network or data set")
        }
        func tensor(_ name: String) throws(TrainingError) -> [Float] {
            guard let stored = checkpoint.tensors[name], stored.count == count, record.steps >= 0 else {
                throw .state(file: path, reason: "has no '\(name)' of \(count) numbers")
            }
            do { return try stored.floats().array } catch { throw .checkpoint(error) }
        }
        return FineTuneState(
            record: record, values: try tensor("values"), firstMoments: try tensor("first_moments"),
            secondMoments: try tensor("second_moments"), best: try tensor("best"))
    }
}
