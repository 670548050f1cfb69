import Engine
import Measurement
import Tensors

/// Looks for the order of a group's channels that lowers the determinants of its layers' covariances, which bounds the
/// error that quantization must make (PQF, sections 3.2 and 3.3).
struct PermutationSearch: Sendable {
    /// A layer, or the columns of it that read the group, whose subvectors change with the order.
    private struct Child: Sendable {
        let weights: Tensor
        let groups: Int
        let d: Int
        /// Columns per channel.
        let size: Int
    }

    /// What came of the search.
    struct Outcome: Sendable {
        let order: [Int]
        /// Sums of the layers' log-determinants per dimension.
        let before: Double
        let after: Double
    }

    private let channels: Int
    private let runs: Int
    private let children: [Child]
    private let seed: UInt64

    /// Nil where the order makes no difference to any layer: each subvector lies in one channel.
    init?(_ group: ChannelGroup, of network: Network, layouts: [Int: LayerLayout], seed: UInt64) {
        (channels, runs) = (group.channels, group.runs)
        self.seed = seed
        children = group.consumers.compactMap { consumer in
            let operation = network.layers[consumer.layer].operation
            guard let layout = layouts[consumer.layer], let weights = operation.weights else { return nil }
            let part = network.columns(of: consumer, channels: group.channels)
            guard part.isFree(d: layout.d) else { return nil }
            return Child(
                weights: weights.dense().columns(part.range), groups: operation.groups, d: layout.d, size: part.size)
        }
        if children.isEmpty { return nil }
    }

    /// Starts from the best of the present order and the greedy ones, then keeps each of `steps` random exchanges that
    /// lowers the objective.
    func run(steps: Int) -> Outcome {
        let identity = Array(0..<channels)
        let before = objective(identity)
        var best = (order: identity, value: before)
        for order in [spread(), sorted()].compactMap(\.self) {
            let value = objective(order)
            if value < best.value { best = (order, value) }
        }
        let found = improve(best.order, steps: steps)
        let after = objective(found)
        return after < before
            ? Outcome(order: found, before: before, after: after)
            : Outcome(order: identity, before: before, after: before)
    }

    private func covariances(_ order: [Int]) -> [(covariance: Covariance, weight: Double)] {
        children.map { child in
            let covariance = Covariance(
                child.weights, channels: channels, groups: child.groups, d: child.d, order: order)
            return (covariance, 1 / Double(child.d))
        }
    }

    private func objective(_ order: [Int]) -> Double {
        covariances(order).reduce(0) { $0 + $1.weight * $1.covariance.logDeterminant }
    }

    private func improve(_ start: [Int], steps: Int) -> [Int] {
        var order = start
        var parts = covariances(order)
        var values = parts.map { $0.weight * $0.covariance.logDeterminant }
        var generator = SplitMix64(seed: seed)
        let length = channels / runs
        for _ in 0..<steps {
            let first = generator.index(below: runs) * length
            let (a, b) = (first + generator.index(below: length), first + generator.index(below: length))
            if a == b { continue }
            order.swapAt(a, b)
            var undos: [Covariance.Undo] = []
            for index in parts.indices { undos.append(parts[index].covariance.exchange(a, b, order: order)) }
            let changed = parts.map { $0.weight * $0.covariance.logDeterminant }
            if changed.reduce(0, +) < values.reduce(0, +) {
                values = changed
            } else {
                order.swapAt(a, b)
                for index in parts.indices { parts[index].covariance.take(back: undos[index]) }
            }
        }
        return order
    }

    // MARK: Greedy orders

    /// Channels by falling variance, each given to the place within subvectors that has gathered the least variance so
    /// far (PQF, section 3.3).
    private func spread() -> [Int]? {
        buckets { variances, places, capacity in
            var buckets = [[Int]](repeating: [], count: places)
            var gathered = [Double](repeating: 0, count: places)
            for (channel, variance) in variances {
                let open = buckets.indices.filter { buckets[$0].count < capacity }
                guard let place = open.min(by: { gathered[$0] < gathered[$1] }) else { continue }
                buckets[place].append(channel)
                gathered[place] += variance
            }
            return buckets
        }
    }

    /// Channels by falling variance, the first all at the first place within subvectors, and so on: the variances of
    /// the places then differ as much as they can, which by Hadamard's inequality bounds the determinant lowest.
    private func sorted() -> [Int]? {
        buckets { variances, places, capacity in
            (0..<places).map { place in variances[place * capacity..<(place + 1) * capacity].map(\.channel) }
        }
    }

    /// An order from what `fill` puts at each place within subvectors; nil where these do not hold whole channels.
    private func buckets(
        _ fill: (_ variances: [(channel: Int, variance: Double)], _ places: Int, _ capacity: Int) -> [[Int]]
    ) -> [Int]? {
        guard let child = children.first, child.d % child.size == 0 else { return nil }
        let (places, length) = (child.d / child.size, channels / runs)
        guard length % places == 0 else { return nil }
        let variances = variances(child)
        var order: [Int] = []
        for run in 0..<runs {
            let sorted = (run * length..<(run + 1) * length).map { ($0, variances[$0]) }
                .sorted { ($0.1, $1.0) > ($1.1, $0.0) }
            let filled = fill(sorted, places, length / places)
            for index in 0..<length { order.append(filled[index % places][index / places]) }
        }
        return order
    }

    /// The mean square of each channel's weights about their mean.
    private func variances(_ child: Child) -> [Double] {
        let rowLength = child.weights.count / child.weights.shape[0]
        let (perGroup, rows) = (channels / child.groups, child.weights.shape[0] / child.groups)
        let values = child.weights.floats
        return (0..<channels).map { channel in
            let (group, local) = (channel / perGroup, channel % perGroup)
            var (sum, squares) = (0.0, 0.0)
            for row in group * rows..<(group + 1) * rows {
                for i in 0..<child.size {
                    let value = Double(values[row * rowLength + local * child.size + i])
                    (sum, squares) = (sum + value, squares + value * value)
                }
            }
            let count = Double(rows * child.size)
            return squares / count - (sum / count) * (sum / count)
        }
    }
}
