import Measurement

/// Random changes of training images that leave their class.
package struct Augmentation: Sendable, Codable, Equatable {
    /// Pixels that an image is moved by at most, both ways; what comes in is the mean colour.
    package var shift: Int
    /// Whether every other image is mirrored left to right.
    package var flips: Bool

    package init(shift: Int = 2, flips: Bool = true) {
        self.shift = shift
        self.flips = flips
    }

    /// What is done to one image.
    struct Choice {
        var dx = 0
        var dy = 0
        var isFlipped = false
    }

    func choice(_ random: inout SplitMix64) -> Choice {
        let extent = 2 * shift + 1
        return Choice(
            dx: random.index(below: extent) - shift, dy: random.index(below: extent) - shift,
            isFlipped: flips && random.index(below: 2) == 1)
    }
}
