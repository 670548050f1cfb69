import Kernels
import Tensors

/// Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1), with the paper's β₁, β₂ and ε.
struct Adam {
    private(set) var firstMoments: [Float]
    private(set) var secondMoments: [Float]
    /// Steps taken.
    private(set) var steps: Int

    init(count: Int) {
        firstMoments = [Float](repeating: 0, count: count)
        secondMoments = firstMoments
        steps = 0
    }

    init(firstMoments: [Float], secondMoments: [Float], steps: Int) {
        (self.firstMoments, self.secondMoments, self.steps) = (firstMoments, secondMoments, steps)
    }

    mutating func update(_ values: inout [Float], gradient: [Float], learningRate: Float) {
        steps += 1
        let (beta1, beta2): (Float, Float) = (0.9, 0.999)
        let rate = learningRate / Float(1 - power(0.9, steps))
        let correction = Float(1 / (1 - power(0.999, steps)))
        values.withUnsafeMutableBufferPointer { values in
            firstMoments.withUnsafeMutableBufferPointer { m in
                secondMoments.withUnsafeMutableBufferPointer { v in
                    gradient.withUnsafeBufferPointer { g in
                        for i in 0..<g.count {
                            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
                            v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
                            values[i] -= rate * m[i] / ((v[i] * correction).squareRoot() + 1e-8)
                        }
                    }
                }
            }
        }
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, factor, rest) = (1.0, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}
