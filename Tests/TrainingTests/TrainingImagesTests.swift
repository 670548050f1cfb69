import Benchmarking
import Foundation
import Kernels
import Testing
import Training

/// Folders of digits, loaded for the network that ships.
struct TrainingImagesTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Loads a folder with the given number of images in each sub-folder.
    private func load(_ folders: [String: Int]) throws -> TrainingImages {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let digits = Self.root.appendingPathComponent("datasets/mnist-1k/3")
        let names = try FileManager.default.contentsOfDirectory(atPath: digits.path).sorted()
        for (name, count) in folders {
            let target = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
            for file in names.prefix(count) {
                try FileManager.default.copyItem(
                    at: digits.appendingPathComponent(file), to: target.appendingPathComponent(file))
            }
        }
        let model = try Model.load("repvgg-mnist", models: [Self.root.appendingPathComponent("models").path])
        return try TrainingImages.load(
            folder.path, datasets: [], model: model, classes: 10, pool: ThreadPool(threads: 2))
    }

    private func digits(_ count: Int, in folder: String = "") -> [String: Int] {
        Dictionary(uniqueKeysWithValues: (0..<10).map { (folder + String($0), count) })
    }

    @Test func foldersAreClasses() throws {
        let images = try load(digits(2))
        #expect(images.labels == (0..<10).flatMap { [$0, $0] })
        #expect(images.height == 28 && images.width == 28)
    }

    @Test func theTrainPartIsTaken() throws {
        let folders = digits(3, in: "train/").merging(digits(1, in: "test/")) { first, _ in first }
        #expect(try load(folders).count == 30)
    }

    @Test func imagesNeedNoClasses() throws {
        let images = try load(["": 5])
        #expect(images.labels == nil && images.count == 5)
    }

    @Test func aMissingClassIsNamed() throws {
        var folders = digits(2)
        folders["7"] = 0
        let error = #expect(throws: TrainingError.self) { try load(folders) }
        #expect("\(error as Any)".contains("no image of the class 7"))
    }

    @Test func anotherNumberOfClassesIsRefused() throws {
        var folders = digits(2)
        folders["9"] = nil
        let fewer = #expect(throws: TrainingError.self) { try load(folders) }
        #expect("\(fewer as Any)".contains("has 9 classes, but the network has 10"))
        let more = #expect(throws: TrainingError.self) { try load(digits(2).merging(["ten": 2]) { first, _ in first }) }
        #expect("\(more as Any)".contains("has a class 10, but the network only has classes 0 to 9"))
    }
}
