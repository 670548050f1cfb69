import Tensors

/// Decoded pixels, row by row, 8 bits per channel.
package struct Image: Sendable, Equatable {
    package let width: Int
    package let height: Int
    /// 1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGB and alpha).
    package let channels: Int
    /// height × width × channels.
    package var pixels: [UInt8]

    package init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
        precondition(pixels.count == width * height * channels)
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// SHA-256 of the pixels.
    package var digest: String { Digest.sha256(pixels) }

    /// The image turned and mirrored as an EXIF orientation (1 to 8) asks for.
    package func oriented(_ orientation: Int) -> Image {
        guard (2...8).contains(orientation) else { return self }
        let swaps = orientation >= 5
        let (newWidth, newHeight) = swaps ? (height, width) : (width, height)
        var turned = [UInt8](repeating: 0, count: pixels.count)
        for y in 0..<newHeight {
            for x in 0..<newWidth {
                let (column, row) = swaps ? (y, x) : (x, y)
                let mirrorsX = [2, 3, 7, 8].contains(orientation)
                let mirrorsY = [3, 4, 6, 7].contains(orientation)
                let from = (mirrorsY ? height - 1 - row : row) * width + (mirrorsX ? width - 1 - column : column)
                for channel in 0..<channels {
                    turned[(y * newWidth + x) * channels + channel] = pixels[from * channels + channel]
                }
            }
        }
        return Image(width: newWidth, height: newHeight, channels: channels, pixels: turned)
    }
}
