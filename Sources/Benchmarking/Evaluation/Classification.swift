import Foundation

/// What came of classifying a data set.
package struct Classification: Sendable {
    /// A file that could not be read or decoded.
    package struct Failure: Sendable, Codable, Equatable {
        package let file: String
        package let error: String
    }

    package var dataset: String
    package var failed: [Failure] = []
    /// One logits row per image that was classified, in the data set's order.
    package var logits: [[Float]] = []
    package var labels: [Int] = []
    /// Whether each image's class came first.
    package var outcomes: [Bool] = []
    private(set) var top5Hits = 0

    package init(dataset: String) { self.dataset = dataset }

    package var count: Int { outcomes.count }
    /// Fractions of the images that were classified.
    package var top1: Double { Double(outcomes.count(where: \.self)) / Double(max(count, 1)) }
    package var top5: Double { Double(top5Hits) / Double(max(count, 1)) }

    /// The class of each image that came first.
    package var predictions: [Int] {
        logits.map { row in row.indices.max { (row[$0], -$0) < (row[$1], -$1) } ?? 0 }
    }

    package mutating func add(_ row: [Float], label: Int) {
        let rank = Self.rank(of: label, in: row)
        logits.append(row)
        labels.append(label)
        outcomes.append(rank == 0)
        if rank < 5 { top5Hits += 1 }
    }

    /// How many classes come before `label`: those with a larger logit, and equal ones with a smaller index.
    /// A logit that is not a number never wins.
    static func rank(of label: Int, in logits: [Float]) -> Int {
        let own = logits[label]
        guard !own.isNaN else { return .max }
        var rank = 0
        for (index, logit) in logits.enumerated() where logit > own || (logit == own && index < label) { rank += 1 }
        return rank
    }

    /// Softmax of one row, in float64.
    package static func probabilities(_ logits: [Float]) -> [Double] {
        let peak = Double(logits.max() ?? 0)
        let powers = logits.map { exp(Double($0) - peak) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// The `count` most probable classes, most probable first.
    package static func top(_ count: Int, of logits: [Float]) -> [(index: Int, probability: Double)] {
        let probabilities = probabilities(logits)
        let order = probabilities.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
        return order.prefix(count).map { ($0, probabilities[$0]) }
    }
}
