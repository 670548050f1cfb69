import Dispatch
import Engine
import Tensors

/// Seeded parameters that keep activations at one scale through any depth.
///
/// Each value depends only on the seed, the parameter's name and its position (splitmix64 as a counter-based
/// generator), so the order and the number of cores do not matter.
struct RandomParameters: ParameterSource {
    let seed: UInt64

    func contains(_ name: String) -> Bool { false }

    func isFolded(convolution: String, norm: String) -> Bool { false }

    /// He's uniform distribution (arXiv 1502.01852) with variance gain / fan-in.
    func weights(_ name: String, shape: [Int], gain: Double) -> Weights {
        let fanIn = Double(shape.dropFirst().reduce(1, *))
        return .dense(uniform(name + ".weight", shape: shape, 0, spread: Float((3 * gain / fanIn).squareRoot())))
    }

    func bias(_ name: String, count: Int) -> Tensor {
        // A gate that starts mostly open keeps deep squeeze-excite networks from fading.
        uniform(name + ".bias", shape: [count], name.hasSuffix(".up") ? 3 : 0, spread: 0.1)
    }

    func batchNorm(_ name: String, channels: Int, gain: Double) -> BatchNorm {
        let scale = Float(gain.squareRoot())
        return BatchNorm(
            weight: uniform(name + ".weight", shape: [channels], scale, spread: 0.2 * scale),
            bias: uniform(name + ".bias", shape: [channels], 0, spread: 0.1),
            mean: uniform(name + ".running_mean", shape: [channels], 0, spread: 0.1),
            variance: uniform(name + ".running_var", shape: [channels], 1, spread: 0.2))
    }

    /// Numbers between `centre - spread` and `centre + spread`.
    private func uniform(_ name: String, shape: [Int], _ centre: Float, spread: Float) -> Tensor {
        let key = name.utf8.reduce(mixed(seed)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let count = shape.reduce(1, *)
        let storage = Storage(byteCount: count * 4)
        let target = Elements(base: storage.base.assumingMemoryBound(to: Float.self))
        // Even, because two values come from one number of the generator.
        let chunk = 1 << 18
        DispatchQueue.concurrentPerform(iterations: (count + chunk - 1) / chunk) { index in
            let scale = spread * 0x1p-31
            for i in stride(from: index * chunk, to: min((index + 1) * chunk, count), by: 2) {
                let bits = mixed(key &+ UInt64(truncatingIfNeeded: i) &* 0x9E37_79B9_7F4A_7C15)
                target.base[i] = centre + Float(Int32(truncatingIfNeeded: bits)) * scale
                if i + 1 < count { target.base[i + 1] = centre + Float(Int32(truncatingIfNeeded: bits >> 32)) * scale }
            }
        }
        return Tensor(shape: shape, storage: storage)
    }

    /// Memory that the threads write disjoint parts of.
    private struct Elements: @unchecked Sendable { let base: UnsafeMutablePointer<Float> }
}

/// The finalizer of splitmix64 (Steele, Lea, Flood, OOPSLA 2014).
private func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}
