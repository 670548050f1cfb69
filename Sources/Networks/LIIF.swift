import Engine
import Interchange

/// LIIF: Chen et al., arXiv 2012.09161; names and switches as in yinboc/liif, models/liif.py.
struct LIIF: Equatable {
    enum Encoder: Equatable {
        case edsr(EDSR)
        case rdn(RDN)

        var features: Int {
            switch self {
            case .edsr(let edsr): edsr.features
            case .rdn(let rdn): rdn.features
            }
        }
    }

    var encoder: Encoder
    /// Outputs of the MLP's layers but the last, which has 3.
    var widths = [256, 256, 256, 256]
    var ensembles = true
    var unfolds = true
    var decodesCell = true

    func build<Source: ParameterSource>(
        _ parameters: Source, name: String, inputSize: [Int]
    ) throws(NetworkError) -> (Network, Source) {
        let network = Network(name: name, family: "liif", form: .plain, inputSize: inputSize)
        var builder = NetworkBuilder(network: network, parameters: parameters)
        switch encoder {
        case .edsr(let edsr): _ = try edsr.build(&builder, prefix: "encoder.")
        case .rdn(let rdn): _ = try rdn.build(&builder, prefix: "encoder.")
        }
        var layers: [(name: String, linear: Linear)] = []
        var inputs = encoder.features * (unfolds ? 9 : 1) + (decodesCell ? 4 : 2)
        for (index, outputs) in (widths + [3]).enumerated() {
            let name = "imnet.layers.\(2 * index)"
            let isLast = index == widths.count
            let weights = try builder.parameters.weights(name, shape: [outputs, inputs], gain: isLast ? 1 : 2)
            let bias = try builder.parameters.bias(name, count: outputs)
            layers.append((name, Linear(weights: weights, bias: bias, activation: isLast ? .none : .relu)))
            inputs = outputs
        }
        builder.network.decoder = ImplicitDecoder(
            layers: layers, features: encoder.features, unfolds: unfolds, ensembles: ensembles,
            decodesCell: decodesCell)
        return (builder.network, builder.parameters)
    }
}

extension LIIF {
    static let variants = ["edsr-baseline", "edsr", "rdn", "rdn-a"]

    init?(variant: String) {
        switch variant {
        case "edsr-baseline": encoder = .edsr(EDSR(blocks: 16, features: 64))
        case "edsr": encoder = .edsr(EDSR(blocks: 32, features: 256, residualScale: 0.1))
        case "rdn": encoder = .rdn(.b)
        case "rdn-a": encoder = .rdn(.a)
        default: return nil
        }
    }

    /// Works the architecture out from names and shapes. What these do not tell, local ensemble and residual scale, is
    /// in the values of an official file, in the metadata of a safetensors file, or as published.
    init(_ parameters: CheckpointParameters, _ checkpoint: Checkpoint) throws(NetworkError) {
        if parameters.hasWeights("encoder.SFENet1") {
            encoder = .rdn(try RDN(parameters, prefix: "encoder."))
        } else {
            let scale = try checkpoint.number("encoder_spec.args.res_scale", Metadata.residualScale)
            encoder = .edsr(try EDSR(parameters, prefix: "encoder.", residualScale: scale.map { Float($0) }))
        }
        let places = parameters.layers(under: "imnet.layers.")
        guard let first = places.first, places == Array(stride(from: 0, to: 2 * places.count, by: 2)), first == 0 else {
            throw .unsupported(
                file: parameters.file, reason: "the places of its layers in imnet.layers are not 0, 2, 4, …: \(places)")
        }
        widths = []
        for place in places.dropLast() { widths.append(try parameters.matrix("imnet.layers.\(place)").rows) }
        let (features, inputs) = (encoder.features, try parameters.matrix("imnet.layers.0").columns)
        let extra = [9 * features + 4, 9 * features + 2, features + 4, features + 2]
        guard let form = extra.firstIndex(of: inputs) else {
            throw parameters.wrongShape(
                "imnet.layers.0.weight", expected: "outputs×\(extra.map(String.init).joined(separator: " or "))")
        }
        unfolds = form < 2
        decodesCell = form % 2 == 0
        ensembles = try checkpoint.number("local_ensemble", Metadata.localEnsemble).map { $0 != 0 } ?? true
        let flags = [("feat_unfold", unfolds), ("cell_decode", decodesCell)]
        for (flag, found) in flags {
            if let said = try checkpoint.number(flag, nil), (said != 0) != found {
                throw .unsupported(
                    file: parameters.file, reason: "its \(flag) is \(said != 0), but its first layer reads \(inputs)")
            }
        }
    }

    static func load(_ checkpoint: Checkpoint, _ options: NetworkOptions) throws(NetworkError) -> Network {
        // The mean shifts of EDSR are kept in files, but never called.
        let parameters = try CheckpointParameters(checkpoint) { key in
            key.hasPrefix("encoder.sub_mean.") || key.hasPrefix("encoder.add_mean.") ? nil : key
        }
        let plan = try LIIF(parameters, checkpoint)
        let variant = variants.first { LIIF(variant: $0) == plan }
        let (network, used) = try plan.build(
            parameters, name: options.name ?? variant.map { "liif-" + $0 } ?? "liif",
            inputSize: options.inputSize ?? [64, 64])
        try used.finish()
        return network
    }
}

extension Checkpoint {
    /// A number or truth value among the arguments of an official file, or in a safetensors file's metadata.
    fileprivate func number(_ argument: String, _ key: String?) throws(NetworkError) -> Double? {
        for (name, value) in values where name == "args." + argument || name.hasSuffix(".args." + argument) {
            switch value {
            case .boolean(let value): return value ? 1 : 0
            case .integer(let value): return Double(value)
            case .number(let value): return value
            case .none, .text: throw .invalid(file: file, key: name, reason: "expected a number")
            }
        }
        guard let key, let text = metadata[key] else { return nil }
        switch text.lowercased() {
        case "true": return 1
        case "false": return 0
        default:
            guard let number = Double(text), number.isFinite else {
                throw .invalid(file: file, key: key, reason: "expected a number, true or false")
            }
            return number
        }
    }
}
