import Foundation
import Images
import Interchange
import Networks

/// What a classifier needs besides its weights, as files that this project writes carry it in their metadata.
package struct ModelUsage: Codable, Sendable, Equatable {
    package let preprocessing: Preprocessing
    package let classes: [String]
    package let dataset: String?

    package init(_ model: Model) {
        (preprocessing, classes, dataset) = (model.preprocessing, model.classes, model.dataset)
    }

    /// Nil where the file does not tell.
    init?(_ checkpoint: Checkpoint) throws(NetworkError) {
        guard let text = checkpoint.metadata[Metadata.usage] else { return nil }
        guard let usage = try? JSONDecoder().decode(ModelUsage.self, from: Data(text.utf8)), usage.isPossible else {
            throw .invalid(
                file: checkpoint.file, key: Metadata.usage, reason: "does not say how images are to be prepared")
        }
        self = usage
    }

    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private var isPossible: Bool {
        let sides: [Int] =
            switch preprocessing.resize {
            case nil: []
            case .shorterSide(let side): [side]
            case .exactly(let height, let width): [height, width]
            }
        return preprocessing.mean.count == 3 && preprocessing.deviation.count == 3
            && preprocessing.mean.allSatisfy(\.isFinite) && preprocessing.deviation.allSatisfy { $0.isFinite && $0 > 0 }
            && (sides + [preprocessing.crop].compactMap(\.self)).allSatisfy { (1...16384).contains($0) }
    }
}
