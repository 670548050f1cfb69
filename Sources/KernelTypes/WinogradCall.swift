/// A run of tiles of one block of 16 channels, to be transformed for Winograd's F(m×m, 3×3) with padding 1.
///
/// Tiles are numbered row by row, image after image. The map is [height][width][16] per image.
package struct WinogradCall {
    package var height: Int
    package var width: Int
    /// In floats, between the maps of successive images.
    package var imageStride: Int
    /// Tiles side by side, and of a whole image.
    package var tilesAcross: Int
    package var tilesPerImage: Int
    package var tiles: Range<Int>
    /// In floats, between successive frequencies of the transformed tiles; a tile takes 16 floats of each.
    package var frequencyStride: Int
    /// Of outputs: keeps the largest of each 2×2 pixels alone, in a map of half the height and width.
    package var pools = false

    /// Whether the maps of all channels together are larger than the caches, most likely.
    package var isFromMemory: Bool { height * width > 10_000 }

    package init(
        height: Int, width: Int, imageStride: Int, tilesAcross: Int, tilesPerImage: Int, tiles: Range<Int>,
        frequencyStride: Int
    ) {
        self.height = height
        self.width = width
        self.imageStride = imageStride
        self.tilesAcross = tilesAcross
        self.tilesPerImage = tilesPerImage
        self.tiles = tiles
        self.frequencyStride = frequencyStride
    }
}
