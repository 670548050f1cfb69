import Engine
import Tensors

/// The families in small, as their loaders build them.
enum SmallNetworks {
    static func named(_ name: String) -> Network {
        switch name {
        case "repvgg": repvgg(training: true).fused()
        case "repvgg:train": repvgg(training: true)
        case "vgg": vgg(hasNorm: false)
        case "vgg_bn": vgg(hasNorm: true)
        case "resnet": resnet(isBottleneck: false)
        default: resnet(isBottleneck: true)
        }
    }

    private static func empty(_ family: String, _ form: Network.Form, _ side: Int) -> Network {
        Network(name: family, family: family, form: form, inputSize: [side, side])
    }

    private static func repvgg(training: Bool) -> Network {
        var network = empty("repvgg", .training, 8)
        var value = 0
        for (index, (inputs, outputs, stride)) in [(3, 6, 1), (6, 6, 1), (6, 8, 2)].enumerated() {
            let name = "block\(index)"
            let dense = network.append(
                name + ".rbr_dense.bn", norm(outputs),
                network.append(
                    name + ".rbr_dense.conv", convolution(inputs, outputs, size: 3, stride: stride, padding: 1), value))
            let pointwise = network.append(
                name + ".rbr_1x1.bn", norm(outputs),
                network.append(
                    name + ".rbr_1x1.conv", convolution(inputs, outputs, size: 1, stride: stride, padding: 0), value))
            let sum: Int
            if inputs == outputs {
                let identity = network.append(name + ".rbr_identity", norm(inputs), value)
                sum = network.append(name + ".sum", .add, dense, pointwise, identity)
            } else {
                sum = network.append(name + ".sum", .add, dense, pointwise)
            }
            value = network.append(name + ".relu", .relu, sum)
        }
        return classified(&network, value, channels: 8)
    }

    private static func vgg(hasNorm: Bool) -> Network {
        var network = empty("vgg", .plain, 8)
        var value = network.append("features.0", convolution(3, 6, size: 3, padding: 1), 0)
        if hasNorm { value = network.append("features.1", norm(6), value) }
        value = network.append("features.2", .relu, value)
        value = network.append("features.3", .maxPool(size: 2, stride: 2, padding: 0), value)
        value = network.append("features.4", convolution(6, 8, size: 3, padding: 1, d: 9), value)
        value = network.append("features.5", .relu, value)
        value = network.append("avgpool", .adaptiveAveragePool(height: 3, width: 3), value)
        value = network.append("flatten", .flatten, value)
        value = network.append("c.0", .linear(Linear(weights: weights([16, 72], d: 4), bias: noise([16], 4))), value)
        value = network.append("c.1", .relu, value)
        _ = network.append("c.2", .linear(Linear(weights: weights([4, 16]), bias: noise([4], 5))), value)
        return network
    }

    private static func resnet(isBottleneck: Bool) -> Network {
        var network = empty("resnet", .plain, 16)
        var value = network.append("conv1", convolution(3, 4, size: 7, stride: 2, padding: 3), 0)
        value = network.append("relu", .relu, network.append("bn1", norm(4), value))
        value = network.append("maxpool", .maxPool(size: 3, stride: 2, padding: 1), value)
        for (index, stride) in [1, 2].enumerated() {
            let name = "layer\(index)"
            var branch = value
            let widths =
                isBottleneck ? [(4, 4, 1, 1), (4, 4, 3, stride), (4, 4, 1, 1)] : [(4, 4, 3, stride), (4, 4, 3, 1)]
            for (step, (inputs, outputs, size, stride)) in widths.enumerated() {
                branch = network.append(
                    "\(name).conv\(step)", convolution(inputs, outputs, size: size, stride: stride, padding: size / 2),
                    branch)
                branch = network.append("\(name).bn\(step)", norm(outputs), branch)
                if step < widths.count - 1 { branch = network.append("\(name).relu\(step)", .relu, branch) }
            }
            let shortcut =
                stride == 1
                ? value
                : network.append(
                    name + ".downsample.1", norm(4),
                    network.append(name + ".downsample.0", convolution(4, 4, size: 1, stride: 2, padding: 0), value))
            value = network.append(name + ".relu", .relu, network.append(name + ".sum", .add, branch, shortcut))
        }
        return classified(&network, value, channels: 4)
    }

    private static func classified(_ network: inout Network, _ value: Int, channels: Int) -> Network {
        let pooled = network.append("pool", .globalAveragePool, value)
        let flat = network.append("flatten", .flatten, pooled)
        _ = network.append(
            "linear", .linear(Linear(weights: weights([4, channels]), bias: noise([4], 5))), flat)
        return network
    }
}
