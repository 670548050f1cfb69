import Foundation
import Images
import TestSupport
import Testing

/// Decoded and prepared pixels, against digests of what Pillow and torchvision make of the same files.
@Suite(.enabled(if: Shared.exists, "../shared with the photographs is not here"))
struct GoldenTests {
    @Test func photographs() throws {
        let table = try String(contentsOfFile: Shared.path("golden/preprocess/imagenet-samples.tsv"), encoding: .utf8)
        let rows = table.split(separator: "\n").dropFirst().map { $0.split(separator: "\t") }
        try #require(rows.count == 300)
        for row in rows {
            let image = try ImageFile(Shared.path("data/imagenet-samples/\(row[0])")).image
            #expect(image.width == Int(row[1]) && image.height == Int(row[2]))
            #expect(image.digest == row[4], "\(row[0])")
            #expect(Preprocessing.imageNet.pixels(image).digest == row[5], "\(row[0])")
        }
    }

    /// What is wrong with these is in a chunk about colour profiles or metadata, which is never read.
    private static let damagedBesidePixels: Set = [
        "ipng_issue_1825.png", "pillow_icc_profile.png", "pillow_icc_profile_none.png", "sharp_prophoto.png",
        "wuffs_exif.png", "gofuzz_fuzzpng_6ad5b5bdfd53.png", "gen_gama_zero.png", "gen_gama_max.png",
    ]

    /// Every image of the corpus does what its index says.
    @Test func corpus() throws {
        let index = try String(contentsOfFile: Shared.path("corpus/INDEX.tsv"), encoding: .utf8)
        var seen = 0
        for line in index.split(separator: "\n") {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard cells[0].contains("/png/") || cells[0].contains("/jpeg/") else { continue }
            seen += 1
            let decoded = Result { () throws(ImageError) in try ImageFile(Shared.path("corpus/\(cells[0])")) }
            switch (cells[2], decoded) {
            case ("ok", .success(let file)):
                #expect(file.image.width == Int(cells[3]) && file.image.height == Int(cells[4]), "\(cells[0])")
                if let mean = Self.means(cells[7]) {
                    let own = Self.means(of: file.image)
                    #expect(zip(own, mean).allSatisfy { abs($0 - $1) < 0.02 }, "\(cells[0]): \(own), not \(mean)")
                }
                if let orientation = Int(cells[6]), cells[0].contains("/jpeg/") {
                    #expect(file.orientation == orientation, "\(cells[0])")
                }
            case ("ok", .failure(let error)): Issue.record("\(error)")
            case ("error", .success), ("error_limit", .success), ("error_or_warning", .success):
                let name = cells[0].split(separator: "/").last.map(String.init) ?? ""
                if !Self.damagedBesidePixels.contains(name) { Issue.record("\(cells[0]) was decoded") }
            default: break
            }
        }
        #expect(seen > 1000)
    }

    private static func means(_ text: String) -> [Double]? {
        let values = text.split(separator: ",").compactMap { Double($0) }
        return values.count == 3 ? values : nil
    }

    private static func means(of image: Image) -> [Double] {
        (0..<3).map { channel in
            let sum = stride(from: channel, to: image.pixels.count, by: 3).reduce(0) { $0 + Int(image.pixels[$1]) }
            return Double(sum) / Double(image.width * image.height)
        }
    }
}
