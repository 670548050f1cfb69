import ArgumentParser
import Benchmarking
import Engine
import Images

/// Which network, in which form, and how images are prepared for it.
struct ModelOptions: ParsableArguments {
    @Option(help: "A name from the models folder, a .safetensors, .pth or .pt file, or random:NAME[:train].")
    var model: String

    @Option(help: "Run it in this form: training or fused (default: as the weights are).")
    var form: String?

    @Option(help: "Seed of random weights and inputs.")
    var seed: UInt64 = 1

    @Option(
        help: "Shorter side that images are resized to, or HEIGHTxWIDTH; 0 leaves their size. LIIF: the output's size.")
    var size: String?

    @Option(help: "Side of the centre crop; 0 for none.")
    var crop: Int?

    @Option(help: "Mean per channel, such as 0.485,0.456,0.406.")
    var mean: String?

    @Option(help: "Standard deviation per channel, such as 0.229,0.224,0.225.")
    var deviation: String?

    @Option(help: "Resampling: \(Interpolation.allCases.map(\.rawValue).joined(separator: ", ")).")
    var interpolation: String?

    /// The network, with the preprocessing that the options ask for.
    func load(_ locations: Locations) throws -> Model {
        var model = try Model.load(self.model, models: locations.models, seed: seed)
        if let size {
            model.preprocessing.resize = try resize(size)
        }
        if let crop {
            guard (0...16384).contains(crop) else { throw ValidationError("--crop takes 0 to 16384") }
            model.preprocessing.crop = crop == 0 ? nil : crop
        }
        if let mean { model.preprocessing.mean = try triple(mean, "--mean") }
        if let deviation {
            model.preprocessing.deviation = try triple(deviation, "--deviation")
            guard model.preprocessing.deviation.allSatisfy({ $0 > 0 }) else {
                throw ValidationError("--deviation takes three numbers above 0")
            }
        }
        if let interpolation {
            guard let kind = Interpolation(rawValue: interpolation) else {
                throw ValidationError("no interpolation '\(interpolation)'")
            }
            model.preprocessing.interpolation = kind
        }
        return model
    }

    private func resize(_ text: String) throws -> Preprocessing.Resize? {
        guard let side = Int(text) else {
            let size = try ImageSize.parse(text)
            return .exactly(height: size[0], width: size[1])
        }
        guard (0...16384).contains(side) else { throw ValidationError("--size takes 0 to 16384") }
        return side == 0 ? nil : .shorterSide(side)
    }

    func chosenForm() throws -> Network.Form? {
        guard let form else { return nil }
        guard let value = Network.Form(rawValue: form) else { throw ValidationError("--form takes training or fused") }
        return value
    }

    private func triple(_ text: String, _ option: String) throws -> [Float] {
        let values = text.split(separator: ",").compactMap { Float($0) }
        guard values.count == 3, values.allSatisfy(\.isFinite) else {
            throw ValidationError("\(option) takes three numbers, such as 0.5,0.5,0.5")
        }
        return values
    }
}
