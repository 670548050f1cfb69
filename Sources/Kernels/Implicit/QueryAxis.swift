/// Where output positions along one axis look in a feature map: which pixels, and how far they are.
///
/// With n outputs over m pixels, output i lies at (2i + 1)·m / 2n pixels. The two queries are made half a pixel to
/// either side, moved by 10⁻⁶ of the range [−1, 1] and kept within it (yinboc/liif, models/liif.py, query_rgb), so that
/// ties go to the larger index. Offsets come from whole numbers and are rounded once.
package struct QueryAxis: Sendable {
    package struct Neighbour: Sendable {
        package var index: Int
        /// From the pixel's centre to the point; a pixel is 2 wide.
        package var offset: Float
    }

    package let inputs: Int
    /// Before and after the point; the same twice at the borders.
    package let neighbours: [(Neighbour, Neighbour)]
    /// The pixel that each output lies in.
    package let owners: [Int]

    /// - Parameter ensembles: without it, both neighbours are the pixel that the point lies in.
    package init(inputs m: Int, outputs n: Int, ensembles: Bool) {
        inputs = m
        func neighbour(_ index: Int, of output: Int) -> Neighbour {
            let index = min(max(index, 0), m - 1)
            return Neighbour(
                index: index, offset: Float(Double((2 * output + 1) * m - (2 * index + 1) * n) / Double(n)))
        }
        let nudge = 0.5e-6 * Double(m)
        owners = (0..<n).map { min(((2 * $0 + 1) * m) / (2 * n), m - 1) }
        neighbours = (0..<n).map { output in
            let place = Double((2 * output + 1) * m) / Double(2 * n)
            guard ensembles else {
                let nearest = neighbour(Int((place - 0.5).rounded(.toNearestOrEven)), of: output)
                return (nearest, nearest)
            }
            return (
                neighbour(Int((place - 0.5 + nudge).rounded(.down)), of: output),
                neighbour(Int((place + 0.5 + nudge).rounded(.down)), of: output)
            )
        }
    }

    /// The outputs that lie in a range of pixels.
    package func outputs(in pixels: Range<Int>) -> Range<Int> {
        func first(_ pixel: Int) -> Int { owners.partitioningIndex { $0 >= pixel } }
        return first(pixels.lowerBound)..<first(pixels.upperBound)
    }
}

extension Array where Element == Int {
    /// The index of the first element that `belongs`, where those that do come last.
    fileprivate func partitioningIndex(_ belongs: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
