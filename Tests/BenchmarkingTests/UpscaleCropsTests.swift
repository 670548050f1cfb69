import Benchmarking
import Engine
import Foundation
import Images
import Testing

/// The crops that a report shows, on the shipped network and photographs.
struct UpscaleCropsTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    @Test func cropsAreOfThePhotograph() throws {
        let model = try Model.load("liif-small", models: [Self.root + "/models"])
        let photos = try PhotoSet.find("photos", in: [Self.root + "/datasets"])
        let evaluator = UpscaleEvaluator(network: try model.network(in: nil), options: PlanOptions())
        let result = try evaluator.evaluate(photos, scale: 3, limit: 1)
        let crops = try #require(result.crops)
        #expect(crops.file == "astronaut.png")
        #expect(crops.images.map(\.name) == ["original", "nearest", "bicubic", "lanczos", "network"])
        #expect(crops.images.reduce(0) { $0 + $1.png.count } <= 54_000)
        let photo = try ImageFile(try #require(photos.items.first).high).image
        let window = photo.cropped(
            columns: crops.x..<crops.x + crops.width, rows: crops.y..<crops.y + crops.height)
        let images = try crops.images.map { try decoded($0.png) }
        #expect(images[0] == window)
        for (crop, image) in zip(crops.images, images).dropFirst() {
            #expect(crop.psnrDB == Quality.psnr(image, window, .plain, scale: 1))
        }
        let psnr = Dictionary(uniqueKeysWithValues: crops.images.map { ($0.name, $0.psnrDB ?? 0) })
        #expect(psnr["network"] ?? 0 > psnr["lanczos"] ?? .infinity)
    }

    /// As images are read, by way of a file.
    private func decoded(_ png: Data) throws -> Image {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).png").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try png.write(to: URL(fileURLWithPath: path))
        return try ImageFile(path).image
    }
}
