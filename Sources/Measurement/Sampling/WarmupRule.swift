/// Decides when times have become steady: the medians of three consecutive windows lie close together and the last is
/// not far from the first. Gives up after a number of inferences or some time.
package struct WarmupRule: Sendable {
    package enum Decision: Equatable, Sendable { case `continue`, steady, bounded }

    /// Inferences per window.
    package var window = 4
    /// Largest range of the three medians, relative to their middle one.
    package var spread = 0.04
    /// Largest difference between the last median and the first, relative to the middle one.
    package var drift = 0.02
    package var maximumCount = 200
    package var maximumSeconds = 10.0

    private var values: [UInt64] = []
    private var medians: (UInt64, UInt64, UInt64) = (0, 0, 0)
    private var windows = 0
    private var count = 0
    private var nanoseconds: UInt64 = 0

    package init() {}

    /// Reserves memory, so that `add` allocates none.
    mutating func prepare() { values.reserveCapacity(window) }

    /// One more inference took `time` nanoseconds.
    package mutating func add(_ time: UInt64) -> Decision {
        count += 1
        nanoseconds += time
        values.append(time)
        if values.count >= window {
            let median = values.withUnsafeMutableBufferPointer { select($0.count / 2, in: $0) }
            values.removeAll(keepingCapacity: true)
            medians = (medians.1, medians.2, median)
            windows += 1
            if windows >= 3, isSteady { return .steady }
        }
        return count >= maximumCount || Double(nanoseconds) >= maximumSeconds * 1e9 ? .bounded : .continue
    }

    private var isSteady: Bool {
        let (a, b, c) = medians
        let (low, high) = (min(a, b, c), max(a, b, c))
        let middle = Double(a &+ b &+ c &- low &- high)
        let change = Double(max(a, c) - min(a, c))
        return Double(high - low) <= spread * middle && change <= drift * middle
    }
}
