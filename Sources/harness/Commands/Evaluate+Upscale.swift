import Benchmarking
import Engine
import Foundation

extension Evaluate {
    private struct UpscaleAnswer: Encodable {
        struct Scores: Encodable {
            let psnr: Double
            let psnrLuma: Double
            let ssim: Double

            init(_ scores: UpscaleEvaluator.Scores) {
                (psnr, psnrLuma, ssim) = (scores.psnr, scores.psnrLuma, scores.ssim)
            }

            enum CodingKeys: String, CodingKey {
                case ssim
                case psnr = "psnr_db"
                case psnrLuma = "psnr_luma_db"
            }
        }

        let model: String
        let result: UpscaleEvaluator.Result

        enum CodingKeys: String, CodingKey {
            case model, dataset, count, failed, scale, resampled
        }

        func encode(to encoder: any Encoder) throws {
            try Scores(result.scores).encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(model, forKey: .model)
            try container.encode(result.dataset, forKey: .dataset)
            try container.encode(result.count, forKey: .count)
            try container.encode(result.failed, forKey: .failed)
            try container.encode(result.scale, forKey: .scale)
            try container.encode(result.resampled.mapValues(Scores.init), forKey: .resampled)
        }
    }

    /// The quality of an upsampling network beside that of plain resampling.
    func upscale(_ photos: PhotoSet, _ model: String, _ network: Network) throws {
        let evaluator = UpscaleEvaluator(network: network, options: try engine.planOptions())
        let result = try evaluator.evaluate(photos, scale: scale, limit: limit) {
            Terminal.progress("\($0) of \($1) images")
        }
        Terminal.clearProgress()
        for failure in result.failed { Terminal.note(failure.error) }
        guard result.count > 0 else {
            throw UserError.badInput("\(photos.name): none of its images could be scored at scale \(scale)")
        }
        if json { return try Terminal.json(UpscaleAnswer(model: model, result: result)) }
        let failed = result.failed.isEmpty ? "" : ", \(result.failed.count) unreadable"
        Terminal.print("\(result.dataset) ×\(scale.formatted()) (\(result.count) images\(failed))")
        let others = result.resampled.sorted { $0.value.psnr < $1.value.psnr }.map { ($0.key, $0.value) }
        for (name, scores) in others + [(model, result.scores)] {
            Terminal.print(
                String(
                    format: "  %6.2f dB RGB  %6.2f dB luma  SSIM %.4f  ", scores.psnr, scores.psnrLuma, scores.ssim)
                    + name)
        }
    }
}
