extension Tensor {
    /// The largest absolute difference, relative to the largest absolute value of `reference`; infinite where either
    /// holds something that is not a number.
    package func largestRelativeDifference(from reference: Tensor) -> Float {
        precondition(count == reference.count)
        var largest: Float = 0
        var difference: Float = 0
        for (own, other) in zip(floats, reference.floats) {
            guard own.isFinite, other.isFinite else { return .infinity }
            largest = max(largest, abs(other))
            difference = max(difference, abs(own - other))
        }
        return difference == 0 ? 0 : difference / largest
    }
}
