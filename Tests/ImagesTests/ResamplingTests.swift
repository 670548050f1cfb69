import Foundation
import Images
import Testing

struct ResamplingTests {
    /// The made-up image of Fixtures/resample.py.
    private func noise(width: Int, height: Int) -> Image {
        var state = UInt32(width * 65536 + height)
        let pixels = (0..<width * height * 3).map { index in
            state = state &* 1_664_525 &+ 1_013_904_223
            let value = UInt8(state >> 24)
            return index % 4 == 0 ? 255 * (value & 1) : value
        }
        return Image(width: width, height: height, channels: 3, pixels: pixels)
    }

    /// Up and down, odd sizes and single pixels; Fixtures/resample.py made the digests.
    @Test func everyInterpolationGivesPillowsBits() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/resample.tsv")
        let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
        #expect(rows.count == 100)
        for row in rows {
            let cells = row.split(separator: "\t").map(String.init)
            let sizes = try cells[0..<4].map { try #require(Int($0)) }
            let interpolation = try #require(Interpolation(rawValue: cells[4]))
            let result = noise(width: sizes[0], height: sizes[1])
                .resized(width: sizes[2], height: sizes[3], interpolation)
            #expect(result.width == sizes[2] && result.height == sizes[3])
            #expect(result.digest == cells[5], "\(row)")
        }
    }

    @Test(arguments: Interpolation.allCases) func partIsTheCroppedWhole(interpolation: Interpolation) {
        for (width, height, newWidth, newHeight) in [
            (40, 31, 17, 20), (9, 50, 8, 11), (13, 7, 30, 29), (20, 20, 20, 9),
        ] {
            let image = noise(width: width, height: height)
            let (columns, rows) = (newWidth / 4..<newWidth - 1, newHeight / 3..<newHeight)
            let whole = image.resized(width: newWidth, height: newHeight, interpolation)
            let part = image.resized(
                width: newWidth, height: newHeight, interpolation, columns: columns, rows: rows)
            #expect(part == whole.cropped(columns: columns, rows: rows))
        }
    }

    /// An image of 2×3 pixels under each EXIF orientation, written out by hand.
    @Test func orientations() {
        let image = Image(width: 2, height: 3, channels: 1, pixels: [1, 2, 3, 4, 5, 6])
        let expected: [Int: (Int, [UInt8])] = [
            1: (2, [1, 2, 3, 4, 5, 6]), 2: (2, [2, 1, 4, 3, 6, 5]), 3: (2, [6, 5, 4, 3, 2, 1]),
            4: (2, [5, 6, 3, 4, 1, 2]), 5: (3, [1, 3, 5, 2, 4, 6]), 6: (3, [5, 3, 1, 6, 4, 2]),
            7: (3, [6, 4, 2, 5, 3, 1]), 8: (3, [2, 4, 6, 1, 3, 5]), 9: (2, [1, 2, 3, 4, 5, 6]),
        ]
        for (orientation, (width, pixels)) in expected {
            let turned = image.oriented(orientation)
            #expect(turned.width == width && turned.pixels == pixels, "orientation \(orientation)")
        }
    }

    @Test func cropLargerThanTheImageIsPaddedWithBlack() {
        var preprocessing = Preprocessing(resize: nil, crop: 5, mean: [0, 0, 0], deviation: [1, 1, 1])
        preprocessing.interpolation = .bilinear
        let image = Image(width: 2, height: 7, channels: 3, pixels: Array(repeating: 9, count: 42))
        let result = preprocessing.pixels(image)
        #expect(result.width == 5 && result.height == 5)
        let row: [UInt8] = [0, 9, 9, 0, 0]
        #expect((0..<5).allSatisfy { y in (0..<5).allSatisfy { result.pixels[(y * 5 + $0) * 3] == row[$0] } })
    }

    @Test func filesComeBackAsTheyWere() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("images-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let image = noise(width: 19, height: 11)
        let png = folder.appendingPathComponent("a.png").path
        try image.writePNG(png)
        #expect(try ImageFile(png).image == image)
        let smooth = Image(width: 16, height: 16, channels: 3, pixels: (0..<768).map { UInt8($0 / 4) })
        let jpeg = folder.appendingPathComponent("a.jpg").path
        try smooth.writeJPEG(jpeg, quality: 95)
        let back = try ImageFile(jpeg).image
        #expect(zip(back.pixels, smooth.pixels).allSatisfy { abs(Int($0) - Int($1)) < 24 })
        #expect(throws: ImageError.self) { try image.writePNG("/no/such/folder/a.png") }
        #expect(throws: ImageError.self) { try ImageFile(folder.path) }
        #expect(throws: ImageError.self) { try ImageFile("/dev/zero") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
    }
}
