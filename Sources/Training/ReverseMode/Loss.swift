import Foundation

/// What a network's logits z are compared with: a teacher's logits t, the labels, or both.
///
/// `w · T² · KL(softmax(t / T) ‖ softmax(z / T)) + (1 − w) · crossEntropy(softmax(z), label)`, the mean over images
/// (Hinton, Vinyals and Dean, arXiv 1503.02531). Unlike squared differences of the logits the divergence weighs what
/// can change a decision, and its gradient is bounded.
package struct Loss: Sendable, Codable, Equatable {
    /// w: 1 is distillation alone, 0 the labels alone.
    package var distillation: Float
    /// T.
    package var temperature: Float

    package init(distillation: Float = 1, temperature: Float = 1) {
        self.distillation = distillation
        self.temperature = temperature
    }

    /// The loss of one image, and its gradient with regard to the logits.
    package func value(_ logits: [Float], teacher: [Float]?, label: Int?) -> (value: Double, gradient: [Float]) {
        var (sum, gradient) = (0.0, [Double](repeating: 0, count: logits.count))
        if distillation > 0, let teacher {
            let (w, t) = (Double(distillation), Double(temperature))
            let (own, target) = (Self.logSoftmax(logits, t), Self.logSoftmax(teacher, t))
            for index in logits.indices {
                let probability = exp(target[index])
                sum += w * t * t * probability * (target[index] - own[index])
                gradient[index] += w * t * (exp(own[index]) - probability)
            }
        }
        if distillation < 1, let label {
            let w = 1 - Double(distillation)
            let own = Self.logSoftmax(logits, 1)
            sum -= w * own[label]
            for index in logits.indices { gradient[index] += w * (exp(own[index]) - (index == label ? 1 : 0)) }
        }
        return (sum, gradient.map(Float.init))
    }

    private static func logSoftmax(_ logits: [Float], _ temperature: Double) -> [Double] {
        let peak = Double(logits.max() ?? 0)
        let scaled = logits.map { (Double($0) - peak) / temperature }
        let sum = log(scaled.reduce(0) { $0 + exp($1) })
        return scaled.map { $0 - sum }
    }
}
