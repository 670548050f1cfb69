import Engine

/// LIIF as compression sees it: the layers of the decoder's MLP stand at the end of the list, as linear layers that read
/// the encoder's features, and the decoder that is left, without layers, says how they do.
extension Network {
    package func unrolled() -> Network {
        var network = self
        for layer in decoder?.layers ?? [] {
            _ = network.append(layer.name, .linear(layer.linear), network.layers.count)
        }
        network.decoder?.layers = []
        return network
    }

    /// The reverse of `unrolled`.
    package func rolled() -> Network {
        var network = self
        network.decoder?.layers = layers[decoderStart...].compactMap { layer in
            if case .linear(let linear) = layer.operation { (layer.name, linear) } else { nil }
        }
        network.layers.removeSubrange(decoderStart...)
        return network
    }

    /// The first layer of the decoder in an unrolled network; an encoder has no linear layers.
    var decoderStart: Int {
        guard decoder != nil else { return layers.count }
        return layers.firstIndex { $0.operation.kind == "linear" } ?? layers.count
    }
}
