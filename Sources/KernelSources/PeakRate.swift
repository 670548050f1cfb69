/// Independent sums kept in registers: enough to hide the latency of a multiply-add, few enough to leave operands room.
#if AVX512
private typealias Sums = InlineArray<16, Vector>
#elseif FMA || arch(arm64)
private typealias Sums = InlineArray<6, Vector>
#else
private typealias Sums = InlineArray<2, Vector>
#endif

/// `rounds` multiply-adds of every sum with nothing to load: the most that the CPU can do. Returns how many scalar
/// multiply-adds that were; `value` (16) keeps the compiler from computing the result beforehand.
package func multiplyAddRounds(_ rounds: Int, value: UnsafeMutablePointer<Float>) -> Int {
    var sums = Sums(repeating: Vector(value))
    let (a, b) = (Vector(value), Vector(value + 16))
    for _ in 0..<rounds {
        for index in sums.indices { sums[index].accumulate(a, b) }
    }
    var total = Vector()
    for index in sums.indices { total += sums[index] }
    total.store(value + 32)
    return rounds * sums.count * 16
}
