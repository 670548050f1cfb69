import Engine
import Networks

/// The networks that `--model` knows by name.
package enum ModelList {
    package struct Entry: Sendable, Codable {
        package let name: String
        package let family: String
        package let parameters: Int
        /// Of one input.
        package let multiplyAdds: Int
        /// [channels, height, width].
        package let input: [Int]
        package let source: String

        private enum CodingKeys: String, CodingKey {
            case name, family, parameters, input, source
            case multiplyAdds = "multiply_adds"
        }
    }

    /// The trained networks of the models folders, then the known architectures with random weights.
    package static func entries(_ locations: Locations) throws -> [Entry] {
        let trained = try ModelManifest.names(in: locations.models).map { name in
            let model = try Model.load(name, models: locations.models)
            return Entry(
                name: name, family: model.network.family, parameters: model.network.parameterCount,
                multiplyAdds: try model.network.multiplyAdds(inputSize: model.inputSize),
                input: [model.network.inputChannels] + model.inputSize,
                source: try ModelManifest.read(name, in: locations.models).source)
        }
        let random = try Catalogue.names.map { name in
            let network = try Network.blueprint(name)
            return Entry(
                name: "random:\(name)", family: network.family, parameters: network.parameterCount,
                multiplyAdds: try network.multiplyAdds(), input: [network.inputChannels] + network.inputSize,
                source: "random weights")
        }
        return trained + random
    }
}
