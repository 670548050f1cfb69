import Foundation

/// How good the outputs were on a data set; a key is present where the measure applies.
package struct AccuracyRecord: Codable, Equatable, Sendable {
    package var dataset: String
    /// Images that were scored.
    package var count: Int
    /// Images that could not be.
    package var failed: Int?
    /// Fractions of `count`.
    package var top1: Double?
    package var top5: Double?
    /// The fraction of images in the same class as by the network before it was compressed.
    package var agreement: Double?
    package var psnrDB: Double?
    package var psnrLumaDB: Double?
    package var ssim: Double?
    package var scale: Double?
    /// The same images enlarged by plain resampling, by its name.
    package var resampled: [String: Resampled]?
    /// The same window of one image of the data set, as it should be and as each way of enlarging made it.
    package var crops: Crops?
    /// Whether each image's top class was right, in the data set's order.
    package var outcomes: Outcomes?
    /// Key of a measure (such as `top1`) to the least value that passes.
    package var gates: [String: Double]?

    package init(dataset: String, count: Int) {
        self.dataset = dataset
        self.count = count
    }

    package struct Resampled: Codable, Equatable, Sendable {
        package var psnrDB: Double
        package var psnrLumaDB: Double
        package var ssim: Double

        package init(psnrDB: Double, psnrLumaDB: Double, ssim: Double) {
            (self.psnrDB, self.psnrLumaDB, self.ssim) = (psnrDB, psnrLumaDB, ssim)
        }

        enum CodingKeys: String, CodingKey {
            case ssim
            case psnrDB = "psnr_db"
            case psnrLumaDB = "psnr_luma_db"
        }
    }

    package struct Crops: Codable, Equatable, Sendable {
        /// Of the image, and the place of the window's first pixel in it at full resolution.
        package var file: String
        package var x: Int
        package var y: Int
        package var width: Int
        package var height: Int
        /// `original` first.
        package var images: [Crop]

        package init(file: String, x: Int, y: Int, width: Int, height: Int, images: [Crop]) {
            (self.file, self.images) = (file, images)
            (self.x, self.y, self.width, self.height) = (x, y, width, height)
        }
    }

    package struct Crop: Codable, Equatable, Sendable {
        /// `original`, `network`, or the name of a plain resampling.
        package var name: String
        /// Of the window alone, over red, green and blue; nil for the original, and for one that is equal to it.
        package var psnrDB: Double?
        /// A PNG file; base64 in JSON.
        package var png: Data

        package init(name: String, psnrDB: Double?, png: Data) {
            (self.name, self.psnrDB, self.png) = (name, psnrDB, png)
        }

        enum CodingKeys: String, CodingKey {
            case name, png
            case psnrDB = "psnr_db"
        }
    }

    enum CodingKeys: String, CodingKey {
        case dataset, count, failed, top1, top5, agreement, ssim, scale, resampled, crops, outcomes, gates
        case psnrDB = "psnr_db"
        case psnrLumaDB = "psnr_luma_db"
    }

    /// The measures that are present, by key.
    package var measures: [String: Double] {
        [
            "top1": top1, "top5": top5, "psnr_db": psnrDB, "psnr_luma_db": psnrLumaDB, "ssim": ssim,
        ].compactMapValues { $0 }
    }

    /// The gates that are not met: unreached, or on a measure that was not taken.
    package var failedGates: [String] {
        let measures = measures
        return (gates ?? [:]).filter { gate in measures[gate.key].map { $0 < gate.value } ?? true }.keys.sorted()
    }
}

/// One bit per image, written as hexadecimal digits: four images a digit, the first in the highest bit, the last digit
/// filled up with zeros.
package struct Outcomes: Codable, Equatable, Sendable {
    /// A multiple of four long once read back; only the first `count` of the accuracy record mean something.
    package var correct: [Bool]

    package init(_ correct: [Bool]) { self.correct = correct }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        correct = []
        correct.reserveCapacity(4 * text.utf8.count)
        for character in text {
            guard character.isASCII, let digit = character.hexDigitValue else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not hexadecimal digits")
            }
            for bit in (0..<4).reversed() { correct.append(digit >> bit & 1 == 1) }
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let digits = stride(from: 0, to: correct.count, by: 4).map { start in
            (0..<4).reduce(0) { 2 * $0 + (start + $1 < correct.count && correct[start + $1] ? 1 : 0) }
        }
        try container.encode(digits.map { String($0, radix: 16) }.joined())
    }
}
