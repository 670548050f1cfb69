/// Places values with known lifetimes in one block of memory, so that no two that live at once overlap.
///
/// Greedy by size: the largest value takes the lowest offset that is free while it lives.
struct Arena {
    struct Value {
        /// In bytes.
        let size: Int
        /// The steps from the one that writes it to the last that reads it.
        let lifetime: ClosedRange<Int>
    }

    /// The place of each value, in bytes, a multiple of 64.
    let offsets: [Int]
    let byteCount: Int

    init(_ values: [Value]) {
        var offsets = Array(repeating: 0, count: values.count)
        var placed: [Int] = []
        var end = 0
        for index in values.indices.sorted(by: { (values[$0].size, $1) > (values[$1].size, $0) }) {
            let value = values[index]
            var offset = 0
            for other in placed where values[other].lifetime.overlaps(value.lifetime) {
                if offset + value.size <= offsets[other] { break }
                offset = max(offset, offsets[other] + Self.rounded(values[other].size))
            }
            offsets[index] = offset
            end = max(end, offset + Self.rounded(value.size))
            let position = placed.firstIndex { offsets[$0] > offset } ?? placed.endIndex
            placed.insert(index, at: position)
        }
        self.offsets = offsets
        byteCount = end
    }

    private static func rounded(_ size: Int) -> Int { (size + 63) & ~63 }
}
