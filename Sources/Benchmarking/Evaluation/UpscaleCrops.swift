import Images
import Measurement

/// The window of an image with the most detail, to look at what ways of enlarging make of it.
struct UpscaleCrops {
    /// The name of the network's output among those of plain resampling.
    static let network = "network"
    /// Bytes of all PNG files of a case; as base64 a third more.
    private static let budget = 54_000
    private static let sides = [96, 80, 64, 48]

    private let high: Image
    private let columns: Range<Int>
    private let rows: Range<Int>

    init(of high: Image) {
        self.high = high
        (columns, rows) = Self.window(high, side: Self.sides[0])
    }

    /// The window of the original and of the outputs, without its margins where the files would be too large.
    func record(_ outputs: [(name: String, image: Image)], file: String) throws(ImageError) -> AccuracyRecord.Crops {
        var record = try record(outputs, file: file, margin: 0)
        for side in Self.sides.dropFirst() where record.images.reduce(0, { $0 + $1.png.count }) > Self.budget {
            record = try self.record(outputs, file: file, margin: (Self.sides[0] - side) / 2)
        }
        return record
    }

    private func record(
        _ outputs: [(name: String, image: Image)], file: String, margin: Int
    ) throws(ImageError) -> AccuracyRecord.Crops {
        func inner(_ range: Range<Int>) -> Range<Int> {
            range.count > 2 * margin ? range.lowerBound + margin..<range.upperBound - margin : range
        }
        let (columns, rows) = (inner(columns), inner(rows))
        let original = high.cropped(columns: columns, rows: rows)
        var images = [AccuracyRecord.Crop(name: "original", psnrDB: nil, png: try original.png())]
        for output in outputs where output.name != Interpolation.bilinear.rawValue {
            let crop = output.image.cropped(columns: columns, rows: rows)
            let psnr = Quality.psnr(crop, original, .plain, scale: 1).flatMap { $0.isFinite ? $0 : nil }
            images.append(.init(name: output.name, psnrDB: psnr, png: try crop.png()))
        }
        return .init(
            file: file.split(separator: "/").last.map(String.init) ?? file, x: columns.lowerBound, y: rows.lowerBound,
            width: columns.count, height: rows.count, images: images)
    }

    /// The window with the most detail in an image of a quarter of the size: edges that are still there when an image
    /// is small, rather than texture that no method can bring back. The first of equals.
    private static func window(_ high: Image, side: Int) -> (columns: Range<Int>, rows: Range<Int>) {
        let coarse = high.bicubic(width: max(high.width / 4, 1), height: max(high.height / 4, 1))
        let (width, height) = (min(side / 4, coarse.width), min(side / 4, coarse.height))
        let detail = detail(coarse)
        let stride = coarse.width + 1
        var best = (x: 0, y: 0, value: -1.0)
        for y in 0...coarse.height - height {
            for x in 0...coarse.width - width {
                let (top, bottom) = (y * stride + x, (y + height) * stride + x)
                let value = detail[bottom + width] - detail[bottom] - detail[top + width] + detail[top]
                if value > best.value { best = (x, y, value) }
            }
        }
        func range(_ start: Int, in size: Int) -> Range<Int> {
            let first = max(min(4 * start, size - side), 0)
            return first..<min(first + side, size)
        }
        return (range(best.x, in: high.width), range(best.y, in: high.height))
    }

    /// Squared differences of neighbours, summed over all pixels above and to the left: (height + 1) × (width + 1).
    private static func detail(_ image: Image) -> [Double] {
        let (width, height, channels) = (image.width, image.height, image.channels)
        var sums = [Double](repeating: 0, count: (width + 1) * (height + 1))
        func squared(_ a: Int, _ b: Int) -> Double {
            (0..<channels).reduce(0) { sum, channel in
                let difference = Double(image.pixels[a + channel]) - Double(image.pixels[b + channel])
                return sum + difference * difference
            }
        }
        for y in 0..<height {
            var row = 0.0
            for x in 0..<width {
                let pixel = (y * width + x) * channels
                if x > 0 { row += squared(pixel, pixel - channels) }
                if y > 0 { row += squared(pixel, pixel - width * channels) }
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row
            }
        }
        return sums
    }
}
