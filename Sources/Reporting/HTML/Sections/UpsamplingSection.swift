import Foundation
import Measurement

/// Upsampling networks beside plain resampling, by data set and scale: figures, and one window of a photograph to look
/// at.
enum UpsamplingSection {
    static func section(_ results: Results) -> Section? {
        var groups: [Group] = []
        for one in results.cases {
            guard let accuracy = one.accuracy, let scale = accuracy.scale, accuracy.psnrDB != nil else { continue }
            if let place = groups.firstIndex(where: { $0.dataset == accuracy.dataset && $0.scale == scale }) {
                groups[place].add(one, accuracy)
            } else {
                groups.append(Group(one, accuracy, scale))
            }
        }
        if groups.isEmpty { return nil }
        let note: HTML = """
            <p class="note">PSNR over red, green and blue without a border of scale + 6 pixels, and of the luma without \
            one of scale pixels; means over the images.</p>

            """
        return Section(id: "upsampling", title: "Upsampling", content: note + HTML(groups.map(\.html)))
    }

    /// What was scored on one data set at one scale.
    private struct Group {
        let dataset: String
        let scale: Double
        let count: Int
        /// The plain ways, of the first case that has them.
        let resampled: [String: AccuracyRecord.Resampled]
        private var cases: [(id: String, megapixels: Double?, accuracy: AccuracyRecord)] = []

        init(_ one: CaseRecord, _ accuracy: AccuracyRecord, _ scale: Double) {
            (dataset, self.scale, count) = (accuracy.dataset, scale, accuracy.count)
            resampled = accuracy.resampled ?? [:]
            add(one, accuracy)
        }

        mutating func add(_ one: CaseRecord, _ accuracy: AccuracyRecord) {
            cases.append((one.id, one.measured == nil ? nil : one.megapixelsPerSecond, accuracy))
        }

        var html: HTML {
            "<h3>×\(Axis.compact(scale)) on <span class=\"id\">\(dataset)</span></h3>\n\(table)\(crops)"
        }

        private var table: HTML {
            var table = Table(
                caption:
                    "\(Format.grouped(count)) \(count == 1 ? "image" : "images") enlarged ×\(Axis.compact(scale)).",
                columns: [
                    .init(title: "by", kind: .text), .init(title: "PSNR"), .init(title: "PSNR, luma"),
                    .init(title: "SSIM"), .init(title: "Mpx/s out"),
                ])
            func row(
                _ name: HTML, _ psnr: Double?, _ luma: Double?, _ ssim: Double?, _ megapixels: Double?
            ) -> [Table.Cell] {
                [
                    .init(name), .init(psnr, Format.decibels), .init(luma, Format.decibels),
                    .init(ssim) { String(format: "%.4f", $0) }, .init(megapixels, Format.digits),
                ]
            }
            table.rows =
                cases.map {
                    row(
                        CaseLabel.id($0.id), $0.accuracy.psnrDB, $0.accuracy.psnrLumaDB, $0.accuracy.ssim, $0.megapixels
                    )
                }
                + resampled.sorted { ($1.value.psnrDB, $0.key) < ($0.value.psnrDB, $1.key) }.map { name, scores in
                    row("\(name)", scores.psnrDB, scores.psnrLumaDB, scores.ssim, nil)
                }
            return table.html
        }

        /// The first case's window, and from other cases their network's output where it is the same window.
        private var crops: HTML {
            guard let first = cases.lazy.compactMap(\.accuracy.crops).first else { return .empty }
            var images = first.images.filter { $0.name != "network" }.map { ("\($0.name)" as HTML, $0) }
            for one in cases {
                guard let crops = one.accuracy.crops, first.isSameWindow(as: crops),
                    let output = crops.images.first(where: { $0.name == "network" })
                else { continue }
                images.append((CaseLabel.id(one.id), output))
            }
            let items = images.map { name, crop -> HTML in
                let psnr: HTML = crop.psnrDB.map { "<small>\(Format.decibels($0))</small>" } ?? .empty
                return """
                    <li><img src="data:image/png;base64,\(crop.png.base64EncodedString())" width="\(first.width)" \
                    height="\(first.height)" alt=""/><span>\(name)\(psnr)</span></li>

                    """
            }
            return """
                <p class="note">\(first.width) × \(first.height) pixels of <span class="id">\(first.file)</span>, the window \
                with the most detail, from pixel \(first.x), \(first.y) on; PSNR of the window alone.</p>
                <ul class="crops">
                \(items)</ul>

                """
        }
    }
}

extension AccuracyRecord.Crops {
    fileprivate func isSameWindow(as other: Self) -> Bool {
        (file, x, y) == (other.file, other.x, other.y) && (width, height) == (other.width, other.height)
    }
}
