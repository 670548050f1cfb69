import Engine
import Measurement
import Tensors

extension Plan {
    /// The median seconds of each layer, in the order of `layers`, over `repeats` runs after `warmup` others.
    package func layerSeconds(_ input: Tensor, warmup: Int = 0, repeats: Int) -> [Double] {
        let clock = MonotonicClock()
        var samples = [[Double]](repeating: [], count: layers.count)
        for round in 0..<warmup + repeats {
            run(input, clock: clock.now) { layer, nanoseconds in
                if round >= warmup, layer >= 0 { samples[layer].append(Double(nanoseconds) * 1e-9) }
            }
        }
        return samples.map(\.median)
    }
}
