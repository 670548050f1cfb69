import ArgumentParser
import Benchmarking
import Engine
import Foundation
import Images
import Synchronization

struct Upscale: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Enlarge an image by any factor with a LIIF network.",
        discussion: """
            Reads PNG (grey, colour, alpha, 8 or 16 bits) and JPEG, and writes a PNG of the same kind. Alpha is enlarged
            bicubically beside the colours. Memory stays bounded: large images are worked on in tiles, with the same
            pixels as a result.

            EXAMPLES
              harness upscale --model liif-small photo.jpg --scale 3.7 --output large.png
              harness upscale --model liif-small photo.jpg --size 1080x1920 --output large.png
            """)

    @Option(help: "A name from the models folder, a .safetensors, .pth or .pt file, or random:NAME.")
    var model: String

    @Option(help: "The factor, any number of 1 or more.")
    var scale: Double?

    @Option(help: "The output's size, HEIGHTxWIDTH.")
    var size: String?

    @Option(help: "The PNG file to write.", completion: .file())
    var output: String

    @Option(help: "The most memory to use, such as 600MB or 2GB.")
    var maxMemory: String?

    @Option(help: "Seed of random weights.")
    var seed: UInt64 = 1

    @OptionGroup var engine: EngineOptions
    @OptionGroup var folders: FolderOptions

    @Argument(help: "A PNG or JPEG file.", completion: .file())
    var image: String

    func validate() throws {
        guard (scale == nil) != (size == nil) else { throw ValidationError("pass either --scale or --size") }
    }

    func run() throws {
        let limit = try maxMemory.map(MemorySize.parse)
        let image = try PlanarImage(file: image)
        let input = [image.height, image.width]
        let wanted = try size.map(ImageSize.parse) ?? UpscaleSize.scaled(input, by: scale ?? 1)
        let size = try UpscaleSize.checked(wanted, from: input)
        let network = try network()
        let held =
            image.colours.count * 4 + Self.processBytes
            + PixelCanvas.byteCount(width: size[1], height: size[0], like: image)
        if let limit, limit <= held {
            throw UserError.usage("--max-memory: the images alone need \((held + 999_999) / 1_000_000) MB")
        }
        let upsampler = try Upsampler(
            network, inputSize: input, outputSize: size, options: try engine.planOptions(),
            memoryLimit: limit.map { $0 - held })
        let canvas = PixelCanvas(width: size[1], height: size[0], like: image)
        let progress = Progress(total: size[0] * size[1])
        _ = upsampler.run(image.colours) { y, x, count, pixels in
            canvas.set(y: y, x: x, count: count) { pixel in
                SIMD3(pixels[pixel * 16], pixels[pixel * 16 + 1], pixels[pixel * 16 + 2]) * 0.5 + 0.5
            }
            progress.add(count)
        }
        Terminal.clearProgress()
        if let alpha = image.alpha {
            canvas.setAlpha(
                Bicubic.resize(
                    alpha, height: image.height, width: image.width, newHeight: size[0], newWidth: size[1]))
        }
        try canvas.writePNG(output)
    }

    /// What the process takes beside images and network.
    private static let processBytes = 40 << 20

    private func network() throws -> Network {
        let model = try Model.load(self.model, models: try folders.locations().models, seed: seed)
        let network = try model.network(in: nil)
        guard network.decoder != nil else {
            throw UserError.usage("\(self.model) is of the family \(network.family); upscale needs a LIIF network")
        }
        return network
    }

    /// Shows how much is done, each time that it is a whole percent more.
    private final class Progress: Sendable {
        private let total: Int
        private let done = Atomic<Int>(0)

        init(total: Int) { self.total = total }

        func add(_ count: Int) {
            let (before, after) = done.add(count, ordering: .relaxed)
            if before * 100 / total != after * 100 / total { Terminal.progress("\(after * 100 / total) %") }
        }
    }
}
