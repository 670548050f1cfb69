import Engine

/// Channels whose order is free as long as all layers here agree on it (PQF, section 3.2).
package struct ChannelGroup: Sendable, Equatable {
    package struct Consumer: Sendable, Equatable {
        package let layer: Int
        /// Inputs of the layer per channel: the pixels of a map that was flattened or of an unfolded neighbourhood,
        /// else 1.
        package let span: Int
        /// Inputs of the layer before those of these channels, where maps were concatenated.
        package let offset: Int
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
    /// by channel (sums, products) ties theirs, and a grouped convolution ties it to runs. Maps that are concatenated keep
    /// each an order of its own, unless a batch norm or a grouped convolution reads them. The network's own input and
    /// output keep their order.
    package func channelGroups() throws(CompressionError) -> [ChannelGroup] {
        let shapes: [[Int]]
        var encoder = self
        encoder.layers.removeSubrange(decoderStart...)
        do throws(EngineError) { shapes = try encoder.shapes(input: [1, inputChannels] + inputSize) } catch {
            throw .engine(error)
        }
        var orders = ChannelOrders(input: inputChannels)
        for (index, layer) in layers.enumerated() {
            let unfolds = index == decoderStart && decoder?.unfolds == true
            orders.add(layer, index, shapes: shapes, unfolding: unfolds ? 9 : 1)
        }
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

    /// Channels of a value that share an order.
    private struct Part {
        let order: Int
        var span = 1
    }

    private var orders: [Order]
    /// Of each value, one after the other.
    private var values: [[Part]]

    init(input channels: Int) {
        orders = [Order(channels: channels, isFixed: true)]
        values = [[Part(order: 0)]]
    }

    /// - Parameter unfolding: inputs of the layer that its value's channels stand for besides.
    mutating func add(_ layer: Layer, _ index: Int, shapes: [[Int]], unfolding: Int) {
        let inputs = layer.inputs.map { values[$0] }
        var value = inputs[0]
        switch layer.operation {
        case .convolution(let convolution):
            consume(inputs[0], layer: index, runs: convolution.groups, unfolding: unfolding)
            value = produce(convolution.weights.shape[0], layer: index, runs: convolution.groups)
            if inputs.count > 1 { tie(value, inputs[1]) }
        case .linear(let linear):
            consume(inputs[0], layer: index, runs: 1, unfolding: unfolding)
            value = produce(linear.weights.shape[0], layer: index, runs: 1)
        case .batchNorm:
            let order = root(value[0].order)
            orders[order].norms.append(index)
            // Only a batch norm directly after a producer can take the factor up.
            if !orders[order].producers.contains(layer.inputs[0] - 1) { orders[order].isNonlinear = true }
            if value.count > 1 || value[0].span > 1 { fix(value) }
        case .relu, .scale, .maxPool, .globalAveragePool, .adaptiveAveragePool: break
        case .sigmoid: makeNonlinear(value)
        case .add: for input in inputs.dropFirst() { tie(value, input) }
        case .multiply:
            for input in inputs.dropFirst() { tie(value, input) }
            makeNonlinear(value)
        case .concatenate: value = inputs.flatMap(\.self)
        case .flatten:
            let pixels = shapes[layer.inputs[0]].dropFirst(2).reduce(1, *)
            for part in value.indices { value[part].span *= pixels }
        }
        values.append(value)
    }

    /// The orders that are free, and that some layer can make use of.
    mutating func groups() -> [ChannelGroup] {
        if let last = values.last { fix(last) }
        return orders.compactMap { order in
            guard order.other == nil, !order.isFixed, !order.consumers.isEmpty, order.channels % order.runs == 0,
                order.channels / order.runs > 1
            else { return nil }
            return ChannelGroup(
                channels: order.channels, runs: order.runs, producers: order.producers.sorted(),
                norms: order.norms.sorted(),
                consumers: order.consumers.sorted { ($0.layer, $0.offset) < ($1.layer, $1.offset) },
                isScalable: !order.isNonlinear && (order.norms.isEmpty || order.norms.count == order.producers.count))
        }.sorted { ($0.producers.first ?? 0) < ($1.producers.first ?? 0) }
    }

    private mutating func consume(_ value: [Part], layer: Int, runs: Int, unfolding: Int) {
        var offset = 0
        for part in value {
            let order = root(part.order)
            let span = part.span * unfolding
            orders[order].consumers.append(.init(layer: layer, span: span, offset: offset))
            orders[order].runs = leastCommonMultiple(orders[order].runs, runs)
            offset += orders[order].channels * span
        }
        if runs > 1, value.count > 1 { fix(value) }
    }

    private mutating func produce(_ channels: Int, layer: Int, runs: Int) -> [Part] {
        orders.append(Order(channels: channels, runs: runs, producers: [layer]))
        return [Part(order: orders.count - 1)]
    }

    private mutating func fix(_ value: [Part]) {
        for part in value { orders[root(part.order)].isFixed = true }
    }

    private mutating func makeNonlinear(_ value: [Part]) {
        for part in value { orders[root(part.order)].isNonlinear = true }
    }

    /// Makes the orders of two values the same, part by part.
    private mutating func tie(_ a: [Part], _ b: [Part]) {
        guard a.count == b.count,
            zip(a, b).allSatisfy({ orders[root($0.order)].channels == orders[root($1.order)].channels })
        else {
            fix(a)
            fix(b)
            return
        }
        for (own, other) in zip(a, b) {
            if own.span != other.span { orders[root(own.order)].isFixed = true }
            tie(root(own.order), root(other.order))
        }
    }

    private mutating func tie(_ first: Int, _ other: Int) {
        if other == first { return }
        orders[first].runs = leastCommonMultiple(orders[first].runs, orders[other].runs)
        orders[first].isFixed = orders[first].isFixed || orders[other].isFixed
        orders[first].isNonlinear = orders[first].isNonlinear || orders[other].isNonlinear
        orders[first].producers += orders[other].producers
        orders[first].norms += orders[other].norms
        orders[first].consumers += orders[other].consumers
        orders[other].other = first
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
