import Foundation
import Measurement
import Reporting
import Testing

struct UpsamplingSectionTests {
    private func upsampled(_ id: String, psnr: Double, x: Int) -> CaseRecord {
        var one = CaseRecord(id: id, model: "m", engine: "native", threads: 1, batch: 1, input: [1, 3, 8, 8])
        var accuracy = AccuracyRecord(dataset: "photos", count: 4)
        (accuracy.scale, accuracy.psnrDB, accuracy.psnrLumaDB, accuracy.ssim) = (3.7, psnr, psnr + 2, 0.9)
        accuracy.resampled = [
            "bicubic": .init(psnrDB: 27, psnrLumaDB: 29, ssim: 0.8),
            "nearest": .init(psnrDB: 25, psnrLumaDB: 27, ssim: 0.7),
        ]
        accuracy.crops = .init(
            file: "<b>.png", x: x, y: 2, width: 8, height: 8,
            images: [
                .init(name: "original", psnrDB: nil, png: Data("first".utf8)),
                .init(name: "network", psnrDB: 21.5, png: Data(id.utf8)),
            ])
        one.accuracy = accuracy
        return one
    }

    @Test func cropsAndFigures() {
        let cases = [
            upsampled("dense", psnr: 28, x: 1), upsampled("coded", psnr: 27.5, x: 1),
            upsampled("elsewhere", psnr: 27.4, x: 5),
        ]
        let page = Report.html(for: [Results(run: sampleRun(), environment: sampleEnvironment(), cases: cases)])
        #expect(page.contains("×3.7 on"))
        for text in ["first", "dense", "coded"] {
            #expect(page.contains("data:image/png;base64," + Data(text.utf8).base64EncodedString()))
        }
        // Another window is not to be compared with these.
        #expect(!page.contains(Data("elsewhere".utf8).base64EncodedString()))
        #expect(page.contains("21.50 dB") && page.contains("25.00 dB") && page.contains("27.50 dB"))
        #expect(page.contains("&lt;b&gt;.png") && !page.contains("<b>.png"))
    }
}
