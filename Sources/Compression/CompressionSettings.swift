/// How a network is to be compressed.
package struct CompressionSettings: Sendable, Codable, Equatable {
    package enum Method: String, Sendable, Codable, CaseIterable {
        /// Permute and quantize (arXiv 2010.15703).
        case pqf
        /// Product quantization by Lloyd's algorithm, without permutation.
        case kmeans
        /// 8 bits per weight, with a factor per output channel.
        case int8
        /// Weights rounded to IEEE half precision.
        case fp16
    }

    /// The subvectors of a k×k convolution: one kernel each, or two of adjacent input channels.
    package enum Blocks: String, Sendable, Codable, CaseIterable { case small, large }

    package enum Start: String, Sendable, Codable, CaseIterable {
        /// Distinct subvectors, each as probable (the paper's).
        case random
        /// Each with a probability that grows with its distance from those before (Arthur & Vassilvitskii, 2007).
        case plusPlus = "k-means++"
    }

    package var method = Method.pqf
    /// Codewords per layer, before the cap of `LayerLayout`.
    package var k = 256
    package var blocks = Blocks.small
    /// Elements of a subvector of 1×1 convolutions and of linear layers.
    package var pointwiseD = 4
    package var linearD = 4
    /// Codewords of linear layers; nil: as `k`.
    package var linearK: Int?
    /// Layers that stay dense, by name or by the name of what holds them; before product quantization those that read
    /// the network's input do too.
    package var keep: [String] = []
    package var permutes = true
    /// Whether channels are scaled through ReLU so that input and output weights are of like size.
    package var equalizes = false
    /// Whether each output's weights are divided by their root mean square first, which is kept beside the codes.
    package var scalesRows = false
    /// Whether Lloyd's steps are annealed with noise (SR-C).
    package var anneals = true
    package var start = Start.random
    package var iterations = 300
    /// Exchanges of channels that the search for a permutation tries per group.
    package var searchSteps = 20_000
    package var seed: UInt64 = 1

    package init(method: Method = .pqf) { self.method = method }

    /// Whether the layers become codes and codebooks.
    package var isProduct: Bool { method == .pqf || method == .kmeans }
    package var isPermuted: Bool { method == .pqf && permutes }
    package var isEqualized: Bool { method == .pqf && equalizes }
    package var isAnnealed: Bool { method == .pqf && anneals }

    /// What tells cases apart, such as `pqf-large-k256`.
    package var label: String {
        guard isProduct else { return method.rawValue }
        return "\(method)-\(blocks)-k\(k)\(method == .pqf && !permutes ? "-unpermuted" : "")"
            + "\(isEqualized ? "-equalized" : "")\(scalesRows ? "-rows" : "")\(method == .pqf && !anneals ? "-lloyd" : "")"
    }

    /// Throws for values that no network can be compressed with.
    package func validate() throws(CompressionError) {
        for (name, k) in [("k", k), ("fc-k", linearK ?? k)] where !(2...1 << 16).contains(k) {
            throw .invalid(setting: name, reason: "\(k) codewords are not between 2 and 65536")
        }
        for (name, d) in [("pointwise-d", pointwiseD), ("fc-d", linearD)] where !(1...256).contains(d) {
            throw .invalid(setting: name, reason: "\(d) is not between 1 and 256")
        }
        guard (1...100_000).contains(iterations) else {
            throw .invalid(setting: "iterations", reason: "\(iterations) is not between 1 and 100000")
        }
        guard (0...10_000_000).contains(searchSteps) else {
            throw .invalid(setting: "search-steps", reason: "\(searchSteps) is not between 0 and 10000000")
        }
    }
}
