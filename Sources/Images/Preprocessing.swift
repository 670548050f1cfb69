import Tensors

/// How an image becomes a network's input: resize, centre crop, scale to [0, 1], subtract the mean, divide by the
/// deviation. Bit for bit as torchvision's transforms on Pillow images do it.
package struct Preprocessing: Codable, Sendable, Equatable {
    package enum Resize: Codable, Sendable, Equatable {
        /// The shorter side becomes this long, the longer one in proportion, rounded down.
        case shorterSide(Int)
        case exactly(height: Int, width: Int)
    }

    package var resize: Resize?
    /// Side of the square that is cut from the centre.
    package var crop: Int?
    package var interpolation = Interpolation.bilinear
    /// Per channel, of values in [0, 1].
    package var mean: [Float]
    package var deviation: [Float]
    /// Turn the image as its EXIF orientation says first; networks were mostly trained without.
    package var applyOrientation = false

    /// Resize 256, crop 224, and ImageNet's statistics.
    package static let imageNet = Preprocessing(
        resize: .shorterSide(256), crop: 224, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])

    package init(resize: Resize?, crop: Int?, mean: [Float], deviation: [Float]) {
        self.resize = resize
        self.crop = crop
        self.mean = mean
        self.deviation = deviation
    }

    /// The network's input, 1×3×H×W, for an image file.
    package func apply(file: String) throws(ImageError) -> Tensor {
        try apply(try ImageFile(file), file: file)
    }

    /// The same of a file that has been decoded; `file` is named in errors.
    package func apply(_ decoded: ImageFile, file: String) throws(ImageError) -> Tensor {
        normalised(try prepared(decoded, file: file))
    }

    /// The pixels of a decoded file, turned, resized and cropped; `file` is named in errors.
    package func prepared(_ decoded: ImageFile, file: String) throws(ImageError) -> Image {
        let image = applyOrientation ? decoded.image.oriented(decoded.orientation) : decoded.image
        let (width, height) = size(width: image.width, height: image.height)
        guard width * height <= ImageFile.pixelLimit else {
            throw .malformed(file: file, reason: "its sides are too different: resized it would be \(width)×\(height)")
        }
        return pixels(image)
    }

    /// The resized and cropped pixels of an RGB image.
    package func pixels(_ image: Image) -> Image {
        let (width, height) = size(width: image.width, height: image.height)
        guard let crop else { return image.resized(width: width, height: height, interpolation) }
        if width < crop || height < crop {
            return image.resized(width: width, height: height, interpolation).padded(toAtLeast: crop)
                .centre(crop)
        }
        // Only what the crop keeps is resampled.
        let (left, top) = (Self.offset(width, crop), Self.offset(height, crop))
        return image.resized(
            width: width, height: height, interpolation, columns: left..<left + crop, rows: top..<top + crop)
    }

    private func size(width: Int, height: Int) -> (width: Int, height: Int) {
        switch resize {
        case nil: (width, height)
        case .exactly(let height, let width): (width, height)
        case .shorterSide(let side):
            width <= height
                ? (side, Int(Double(side * height) / Double(width)))
                : (Int(Double(side * width) / Double(height)), side)
        }
    }

    /// Where torchvision's centre crop starts: half the rest, rounded half to even.
    fileprivate static func offset(_ size: Int, _ crop: Int) -> Int {
        Int((Double(size - crop) / 2).rounded(.toNearestOrEven))
    }

    /// `(x / 255 − mean) / deviation` in float32, one rounding a step as PyTorch does.
    private func normalised(_ image: Image) -> Tensor {
        let count = image.width * image.height
        return Tensor(shape: [1, 3, image.height, image.width]) { target in
            image.pixels.withUnsafeBufferPointer { pixels in
                for channel in 0..<3 {
                    let table = (0..<256).map { (Float($0) / 255 - mean[channel]) / deviation[channel] }
                    table.withUnsafeBufferPointer { table in
                        let plane = target.baseAddress! + channel * count
                        for pixel in 0..<count { plane[pixel] = table[Int(pixels[pixel * 3 + channel])] }
                    }
                }
            }
        }
    }
}

extension Image {
    /// Black borders on both sides where a side is shorter than `side`, the larger one right and below.
    fileprivate func padded(toAtLeast side: Int) -> Image {
        let (left, top) = (max(side - width, 0) / 2, max(side - height, 0) / 2)
        let (newWidth, newHeight) = (max(width, side), max(height, side))
        var result = [UInt8](repeating: 0, count: newWidth * newHeight * channels)
        for row in 0..<height {
            let start = ((row + top) * newWidth + left) * channels
            result.replaceSubrange(
                start..<start + width * channels, with: pixels[row * width * channels..<(row + 1) * width * channels])
        }
        return Image(width: newWidth, height: newHeight, channels: channels, pixels: result)
    }

    fileprivate func centre(_ side: Int) -> Image {
        let (left, top) = (Preprocessing.offset(width, side), Preprocessing.offset(height, side))
        return cropped(columns: left..<left + side, rows: top..<top + side)
    }
}
