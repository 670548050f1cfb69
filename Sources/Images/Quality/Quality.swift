import Foundation

/// How close an image is to the one it should be.
package enum Quality {
    /// Mean and border of a peak signal-to-noise ratio.
    package enum Convention: Sendable {
        /// Red, green and blue alike, without a border of scale + 6 pixels (yinboc/liif, utils.py, `div2k`).
        case div2k
        /// The difference of lumas without a border of scale pixels (there, `benchmark`).
        case benchmark
        /// Red, green and blue alike, nothing left out.
        case plain

        func border(scale: Double) -> Int {
            switch self {
            case .div2k: Int(scale.rounded(.up)) + 6
            case .benchmark: Int(scale.rounded(.up))
            case .plain: 0
            }
        }
    }

    /// In dB, with a peak of 255; infinite for equal images. Nil where nothing is left inside the border.
    package static func psnr(_ image: Image, _ reference: Image, _ convention: Convention, scale: Double) -> Double? {
        precondition(image.width == reference.width && image.height == reference.height)
        precondition(image.channels == 3 && reference.channels == 3)
        let border = convention.border(scale: scale)
        let (width, height) = (image.width, image.height)
        guard width > 2 * border, height > 2 * border else { return nil }
        var sum = 0.0
        for y in border..<height - border {
            for x in border..<width - border {
                let place = (y * width + x) * 3
                let difference = SIMD3<Double>(
                    (0..<3).map { Double(image.pixels[place + $0]) - Double(reference.pixels[place + $0]) })
                if case .benchmark = convention {
                    let luma = (difference * lumaWeights).sum() / 256
                    sum += luma * luma
                } else {
                    sum += (difference * difference).sum() / 3
                }
            }
        }
        let mean = sum / Double((height - 2 * border) * (width - 2 * border))
        return 10 * log10(255 * 255 / mean)
    }

    /// Of red, green and blue of 0 to 255, times 256 (BT.601, without the offset of 16).
    private static let lumaWeights = SIMD3<Double>(65.738, 129.057, 25.064)

    /// The mean structural similarity of lumas (Wang et al., IEEE TIP 13(4), 2004, section III.B: Gaussian windows of
    /// 11×11 with deviation 1.5, K₁ = 0.01, K₂ = 0.03, L = 255), over the windows that lie inside the image without a
    /// border of scale pixels. Nil where there is no such window.
    package static func ssim(_ image: Image, _ reference: Image, scale: Double) -> Double? {
        precondition(image.width == reference.width && image.height == reference.height)
        let border = Convention.benchmark.border(scale: scale)
        let (width, height) = (image.width - 2 * border, image.height - 2 * border)
        guard width >= window.count, height >= window.count else { return nil }
        let (a, b) = (luma(image, border), luma(reference, border))
        func blurred(_ value: (Int) -> Double) -> [Double] { blur((0..<a.count).map(value), width, height) }
        let (meanA, meanB) = (blurred { a[$0] }, blurred { b[$0] })
        let (squareA, squareB) = (blurred { a[$0] * a[$0] }, blurred { b[$0] * b[$0] })
        let product = blurred { a[$0] * b[$0] }
        let (c1, c2) = (0.01 * 255 * 0.01 * 255, 0.03 * 255 * 0.03 * 255)
        var sum = 0.0
        for i in meanA.indices {
            let (muA, muB) = (meanA[i], meanB[i])
            let (varA, varB) = (squareA[i] - muA * muA, squareB[i] - muB * muB)
            let covariance = product[i] - muA * muB
            sum += (2 * muA * muB + c1) * (2 * covariance + c2) / ((muA * muA + muB * muB + c1) * (varA + varB + c2))
        }
        return sum / Double(meanA.count)
    }

    private static let window: [Double] = {
        let values = (-5...5).map { exp(-Double($0 * $0) / (2 * 1.5 * 1.5)) }
        return values.map { $0 / values.reduce(0, +) }
    }()

    private static func luma(_ image: Image, _ border: Int) -> [Double] {
        var result: [Double] = []
        for y in border..<image.height - border {
            for x in border..<image.width - border {
                let place = (y * image.width + x) * 3
                let colour = SIMD3<Double>((0..<3).map { Double(image.pixels[place + $0]) })
                result.append((colour * lumaWeights).sum() / 256 + 16)
            }
        }
        return result
    }

    /// Both passes of the window, where it lies inside.
    private static func blur(_ values: [Double], _ width: Int, _ height: Int) -> [Double] {
        let inner = width - window.count + 1
        var rows = [Double](repeating: 0, count: inner * height)
        for y in 0..<height {
            for x in 0..<inner {
                var sum = 0.0
                for tap in window.indices { sum += window[tap] * values[y * width + x + tap] }
                rows[y * inner + x] = sum
            }
        }
        var result = [Double](repeating: 0, count: inner * (height - window.count + 1))
        for y in 0..<height - window.count + 1 {
            for x in 0..<inner {
                var sum = 0.0
                for tap in window.indices { sum += window[tap] * rows[(y + tap) * inner + x] }
                result[y * inner + x] = sum
            }
        }
        return result
    }
}
