import Images
import TestSupport
import Testing

struct QualityTests {
    /// Expected numbers: the definitions written out in NumPy, over the same pattern.
    @Test func definitions() throws {
        let (reference, image) = (Self.pattern(noise: 0), Self.pattern(noise: 1))
        func psnr(_ convention: Quality.Convention) throws -> Double {
            try #require(Quality.psnr(image, reference, convention, scale: 2))
        }
        #expect(abs(try psnr(.plain) - 33.75344474372884) < 1e-9)
        #expect(abs(try psnr(.div2k) - 34.212144999080664) < 1e-9)
        #expect(abs(try psnr(.benchmark) - 35.58634617979089) < 1e-9)
        #expect(abs(try #require(Quality.ssim(image, reference, scale: 2)) - 0.9839034277815571) < 1e-9)
        #expect(Quality.psnr(image, image, .plain, scale: 2) == .infinity)
        #expect(abs(try #require(Quality.ssim(image, image, scale: 2)) - 1) < 1e-12)
        #expect(Quality.psnr(image, reference, .div2k, scale: 12) == nil)
        #expect(Quality.ssim(image, reference, scale: 13) == nil)
    }

    /// The low-resolution files were made by imresize.
    @Test(
        .enabled(if: Shared.exists, "needs the folder of golden files, see Shared"),
        arguments: [2, 3, 4])
    func bicubicIsTheOneOfSet5(scale: Int) throws {
        for number in 1...5 {
            let start = Shared.path("data/sr/set5/img_00\(number)_SRF_\(scale)_")
            let high = try ImageFile(start + "HR.png").image
            let low = try ImageFile(start + "LR.png").image
            #expect(high.bicubic(width: low.width, height: low.height) == low, "image \(number)")
        }
    }

    @Test func bicubicKeepsConstantsAndSizes() {
        let flat = [Float](repeating: 0.3, count: 7 * 5)
        let large = Bicubic.resize(flat, height: 7, width: 5, newHeight: 9, newWidth: 23)
        #expect(large.count == 9 * 23)
        #expect(large.allSatisfy { abs($0 - 0.3) < 1e-6 })
        let small = Bicubic.resize(flat, height: 7, width: 5, newHeight: 1, newWidth: 1)
        #expect(abs(small[0] - 0.3) < 1e-6)
        let ramp = (0..<12).map(Float.init)
        #expect(Bicubic.resize(ramp, height: 3, width: 4, newHeight: 3, newWidth: 4) == ramp)
    }

    private static func pattern(noise: Int) -> Image {
        var pixels: [UInt8] = []
        for y in 0..<40 {
            for x in 0..<36 {
                for channel in 0..<3 {
                    let value = (x * 7 + y * 13 + channel * 29) % 256 + noise * ((x * y) % 17 - 8)
                    pixels.append(UInt8(min(max(value, 0), 255)))
                }
            }
        }
        return Image(width: 36, height: 40, channels: 3, pixels: pixels)
    }
}
