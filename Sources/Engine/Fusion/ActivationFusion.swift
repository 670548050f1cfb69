extension Network {
    /// Lets a convolution add the other side of a sum of two where nothing else reads the convolution. The later of
    /// two candidates does it, so that no value has to live longer.
    package func fusingResiduals() -> Network {
        rewriting { layer, rewriter in
            guard case .add = layer.operation, layer.inputs.count == 2, let later = layer.inputs.max() else {
                return nil
            }
            for value in [later, layer.inputs[0] + layer.inputs[1] - later] {
                guard var (producer, _) = rewriter.openConvolution(of: value) else { continue }
                producer.inputs.append(layer.inputs[0] + layer.inputs[1] - value)
                return producer
            }
            return nil
        }
    }

    /// Lets a convolution or linear layer apply the ReLU after it where nothing else reads that layer.
    package func fusingActivations() -> Network {
        rewriting { layer, rewriter in
            guard case .relu = layer.operation, var producer = rewriter.soleProducer(of: layer.inputs[0]) else {
                return nil
            }
            switch producer.operation {
            case .convolution(var convolution):
                convolution.activation = .relu
                producer.operation = .convolution(convolution)
            case .linear(var linear):
                linear.activation = .relu
                producer.operation = .linear(linear)
            default: return nil
            }
            return producer
        }
    }
}
