import Engine

/// Channels whose order is free as long as all layers here agree on it (PQF, section 3.2).
package struct ChannelGroup: Sendable, Equatable {
    package struct Consumer: Sendable, Equatable {
        package let layer: Int
        /// Inputs of the layer per channel: the pixels of a map that was flattened, else 1.
        package let span: Int
    }

    package let channels: Int
    /// Channels stay within this many equal runs, which grouped convolutions ask for.
    package let runs: Int
    /// Convolutions and linear layers that make the channels: their rows and biases follow the order.
    package let producers: [Int]
    /// Batch norms on the way, whose parameters follow it too.
    package let norms: [Int]
    /// Layers whose columns follow it.
    package let consumers: [Consumer]
    /// Whether a factor above 0 per channel can be moved from the producers, or from batch norms directly after each of
    /// them, to the consumers: everything between hands it on.
    package let isScalable: Bool
}

extension Network {
    /// The groups of channels that can be put in any order without a change of the function, by the first producer.
    ///
    /// What does the same to every channel (ReLU, pooling, batch norm) hands the order on, what joins two maps channel
    /// by channel (sums, products) ties theirs, and a grouped convolution ties it to runs. The network's own input and
    /// output, and what is concatenated, keep their order.
    package func channelGroups() throws(CompressionError) -> [ChannelGroup] {
        let shapes: [[Int]]
        do throws(EngineError) { shapes = try self.shapes(input: [1, inputChannels] + inputSize) } catch {
            throw .engine(error)
        }
        var orders = ChannelOrders(input: inputChannels)
        for (index, layer) in layers.enumerated() { orders.add(layer, index, shapes: shapes) }
        return orders.groups()
    }
}

/// The order of channels of every value, while layers are added.
private struct ChannelOrders {
    private struct Order {
        var channels: Int
        var runs = 1
        var isFixed = false
        /// Whether some operation between does not hand factors on.
        var isNonlinear = false
        var producers: [Int] = []
        var norms: [Int] = []
        var consumers: [ChannelGroup.Consumer] = []
        /// The order that it was found to be the same as.
        var other: Int?
    }

    private var orders: [Order]
    /// Of each value.
    private var values: [(order: Int, span: Int)]

    init(input channels: Int) {
        orders = [Order(channels: channels, isFixed: true)]
        values = [(0, 1)]
    }

    mutating func add(_ layer: Layer, _ index: Int, shapes: [[Int]]) {
        let inputs = layer.inputs.map { values[$0] }
        var value = inputs[0]
        switch layer.operation {
        case .convolution(let convolution):
            consume(inputs[0], layer: index, runs: convolution.groups)
            value = produce(convolution.weights.shape[0], layer: index, runs: convolution.groups)
            if inputs.count > 1 { tie([value, inputs[1]]) }
        case .linear(let linear):
            consume(inputs[0], layer: index, runs: 1)
            value = produce(linear.weights.shape[0], layer: index, runs: 1)
        case .batchNorm:
            let order = root(value.order)
            orders[order].norms.append(index)
            // Only a batch norm directly after a producer can take the factor up.
            if !orders[order].producers.contains(layer.inputs[0] - 1) { orders[order].isNonlinear = true }
            if value.span > 1 { orders[order].isFixed = true }
        case .relu, .scale, .maxPool, .globalAveragePool, .adaptiveAveragePool: break
        case .sigmoid: orders[root(value.order)].isNonlinear = true
        case .add: tie(inputs)
        case .multiply:
            tie(inputs)
            orders[root(value.order)].isNonlinear = true
        case .concatenate:
            for input in inputs { orders[root(input.order)].isFixed = true }
            orders.append(Order(channels: shapes[index + 1][1], isFixed: true))
            value = (orders.count - 1, 1)
        case .flatten: value.span *= shapes[layer.inputs[0]].dropFirst(2).reduce(1, *)
        }
        values.append(value)
    }

    /// The orders that are free, and that some layer can make use of.
    mutating func groups() -> [ChannelGroup] {
        if let last = values.last { orders[root(last.order)].isFixed = true }
        return orders.compactMap { order in
            guard order.other == nil, !order.isFixed, !order.consumers.isEmpty, order.channels % order.runs == 0,
                order.channels / order.runs > 1
            else { return nil }
            return ChannelGroup(
                channels: order.channels, runs: order.runs, producers: order.producers.sorted(),
                norms: order.norms.sorted(), consumers: order.consumers.sorted { $0.layer < $1.layer },
                isScalable: !order.isNonlinear && (order.norms.isEmpty || order.norms.count == order.producers.count))
        }.sorted { ($0.producers.first ?? 0) < ($1.producers.first ?? 0) }
    }

    private mutating func consume(_ value: (order: Int, span: Int), layer: Int, runs: Int) {
        let order = root(value.order)
        orders[order].consumers.append(.init(layer: layer, span: value.span))
        orders[order].runs = leastCommonMultiple(orders[order].runs, runs)
    }

    private mutating func produce(_ channels: Int, layer: Int, runs: Int) -> (order: Int, span: Int) {
        orders.append(Order(channels: channels, runs: runs, producers: [layer]))
        return (orders.count - 1, 1)
    }

    private mutating func tie(_ values: [(order: Int, span: Int)]) {
        let first = root(values[0].order)
        for value in values.dropFirst() {
            let other = root(value.order)
            if value.span != values[0].span { orders[first].isFixed = true }
            if other == first { continue }
            orders[first].runs = leastCommonMultiple(orders[first].runs, orders[other].runs)
            orders[first].isFixed = orders[first].isFixed || orders[other].isFixed
            orders[first].isNonlinear = orders[first].isNonlinear || orders[other].isNonlinear
            orders[first].producers += orders[other].producers
            orders[first].norms += orders[other].norms
            orders[first].consumers += orders[other].consumers
            orders[other].other = first
        }
    }

    private func root(_ order: Int) -> Int {
        var order = order
        while let other = orders[order].other { order = other }
        return order
    }
}

private func leastCommonMultiple(_ a: Int, _ b: Int) -> Int {
    var (x, y) = (a, b)
    while y != 0 { (x, y) = (y, x % y) }
    return a / x * b
}
