import Engine
import Kernels
import Measurement
import Networks
import Tensors
import Testing
import Training

struct GradientTests {
    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let network: Network
    }

    static let cases: [Case] = [
        sample("3×3") { _ = $0.append("c", convolution(3, 5, size: 3, padding: 1), 0) },
        sample("3×3, stride 2, no padding") {
            _ = $0.append("c", convolution(3, 5, size: 3, stride: 2, padding: 0), 0)
        },
        sample("7×7, stride 2") { _ = $0.append("c", convolution(3, 4, size: 7, stride: 2, padding: 3), 0) },
        sample("5×5, padding wider than needed") { _ = $0.append("c", convolution(3, 2, size: 5, padding: 4), 0) },
        sample("1×1") { _ = $0.append("c", convolution(3, 6, size: 1, padding: 0), 0) },
        sample("1×1, stride 2") { _ = $0.append("c", convolution(3, 6, size: 1, stride: 2, padding: 0), 0) },
        sample("groups") {
            let x = $0.append("a", convolution(3, 6, size: 1, padding: 0), 0)
            let y = $0.append("b", convolution(6, 4, size: 3, padding: 1, groups: 2), x)
            _ = $0.append("d", convolution(4, 4, size: 1, padding: 0, groups: 4), y)
        },
        sample("ReLU and residual inside a convolution") {
            let x = $0.append("a", convolution(3, 4, size: 3, padding: 1, activation: .relu), 0)
            _ = $0.append("b", convolution(4, 4, size: 3, padding: 1, activation: .relu), x, x)
        },
        sample("batch norm, ReLU") {
            let x = $0.append("a", convolution(3, 4, size: 3, padding: 1), 0)
            _ = $0.append("r", .relu, $0.append("n", norm(4), x))
        },
        sample("add, scale, sigmoid, multiply, concatenate") {
            let a = $0.append("a", convolution(3, 4, size: 3, padding: 1), 0)
            let b = $0.append("b", convolution(3, 4, size: 1, padding: 0), 0)
            let sum = $0.append("sum", .add, a, b, b)
            let gate = $0.append("gate", .sigmoid, $0.append("pool", .globalAveragePool, sum))
            let product = $0.append("product", .multiply, sum, gate)
            let square = $0.append("square", .multiply, a, $0.append("scale", .scale(0.5), b))
            _ = $0.append("joined", .concatenate, product, square)
        },
        sample("max pool with padding") {
            let x = $0.append("a", convolution(3, 4, size: 3, padding: 1), 0)
            _ = $0.append("m", .maxPool(size: 3, stride: 2, padding: 1), x)
        },
        sample("adaptive average pool") {
            let x = $0.append("a", convolution(3, 4, size: 3, padding: 1), 0)
            _ = $0.append("p", .adaptiveAveragePool(height: 3, width: 4), x)
        },
        sample("codes") { _ = $0.append("c", convolution(4, 8, size: 3, padding: 1, d: 9), grow(&$0)) },
        sample("codes with row scales") {
            _ = $0.append("c", convolution(4, 8, size: 3, padding: 1, d: 18, scales: true), grow(&$0))
        },
    ]

    private static func grow(_ network: inout Network) -> Int {
        network.append("g", convolution(3, 4, size: 1, padding: 0), 0)
    }

    /// The layers, then a classifier over all that they make; its weights are codes with scales.
    private static func sample(_ name: String, _ build: (inout Network) -> Void) -> Case {
        var network = Network(name: name, family: "test", form: .plain, inputSize: [7, 6])
        build(&network)
        let flat = network.append("flatten", .flatten, network.layers.count)
        let shapes = (try? network.shapes(input: [1, 3, 7, 6])) ?? []
        let inputs = shapes.last?[1] ?? 0
        let hidden = network.append(
            "hidden",
            .linear(
                Linear(
                    weights: weights([8, inputs], d: inputs % 2 == 0 ? 2 : 1, scales: true),
                    bias: noise([8], 5), activation: .relu)), flat)
        _ = network.append("classes", .linear(Linear(weights: weights([4, 8]), bias: noise([4], 6))), hidden)
        return Case(description: name, network: network)
    }

    @Test(arguments: cases)
    func agreesWithDifferences(_ sample: Case) throws { try check(sample.network, size: [7, 6]) }

    @Test(arguments: ["repvgg", "repvgg:train", "vgg", "vgg_bn", "resnet", "bottleneck"])
    func familiesAgreeWithDifferences(_ name: String) throws {
        let network = SmallNetworks.named(name)
        try check(network, size: network.inputSize)
    }

    /// The difference quotient of the loss along the gradient of each parameter tensor is the gradient's squared norm,
    /// and that of single parameters is their element of it. The quotients are of float32 losses, so a step must be
    /// neither small nor large, and ReLU kinks that it crosses disturb them: the best of a few steps counts.
    private func check(_ network: Network, size: [Int]) throws {
        let graph = try TrainingGraph(network, inputSize: size)
        let images = 5
        let input = noise([images, 3] + size, 11, deviation: 1)
        let loss = Loss(distillation: 0.5, temperature: 2)
        let teacher = (0..<images).map { noise([graph.classes], 20 + UInt64($0), deviation: 2).array }
        let labels = (0..<images).map { $0 % graph.classes }
        let batch = BatchGradient(graph, batch: images, pool: ThreadPool(threads: 2))
        func outcome(_ values: [Float]) -> BatchGradient.Outcome {
            batch.evaluate(values, input: input, loss: loss, teacher: teacher, labels: labels)
        }
        let values = graph.layout.values
        let gradient = outcome(values).gradient
        func quotient(_ slot: Range<Int>, _ step: Float, _ direction: (Int) -> Float) -> Double {
            var (up, down) = (values, values)
            for index in slot {
                up[index] += step * direction(index)
                down[index] -= step * direction(index)
            }
            return (outcome(up).loss - outcome(down).loss) / (2 * Double(step))
        }
        var random = SplitMix64(seed: 3)
        for slot in graph.layout.slots {
            let name = "\(network.layers[slot.layer].name) \(slot.role)"
            let square = gradient[slot.range].reduce(0) { $0 + Double($1) * Double($1) }
            let largest = gradient[slot.range].reduce(0) { max($0, abs($1)) }
            let extent = max(values[slot.range].reduce(0) { max($0, abs($1)) }, 0.1)
            let steps: [Float] = [1e-2, 3e-3, 1e-3, 3e-4, 1e-4]
            if largest > 1e-5 {
                let found = steps.map { quotient(slot.range, $0 * 0.1 * extent / largest) { gradient[$0] } / square }
                #expect(found.contains { abs($0 - 1) < 0.01 }, "\(name): quotients \(found) of the squared norm")
            }
            for _ in 0..<8 {
                let index = slot.range.lowerBound + random.index(below: slot.range.count)
                let found = steps.map { quotient(index..<index + 1, $0 * extent) { _ in 1 } }
                let tolerance = 0.02 * Double(largest) + 1e-4
                #expect(
                    found.contains { abs($0 - Double(gradient[index])) < tolerance },
                    "\(name)[\(index - slot.range.lowerBound)]: quotients \(found), gradient \(gradient[index])")
            }
        }
    }
}

/// Normal numbers that are the same every time.
func noise(_ shape: [Int], _ seed: UInt64, deviation: Float = 0.1) -> Tensor {
    Tensor.normal(shape: shape, seed: seed, deviation: deviation)
}

/// Dense, or with `d` random codes of eight codewords.
func weights(_ shape: [Int], d: Int? = nil, scales: Bool = false) -> Weights {
    let inputs = shape.dropFirst().reduce(1, *)
    let deviation = (1 / Float(inputs)).squareRoot()
    guard let d else { return .dense(noise(shape, UInt64(inputs), deviation: deviation)) }
    var random = SplitMix64(seed: UInt64(inputs))
    let codes = (0..<shape[0] * inputs / d).map { _ in UInt8(random.index(below: 8)) }
    let factors = (0..<shape[0]).map { 0.5 + Float($0 % 3) / 2 }
    return .quantized(
        ProductQuantized(
            shape: shape, codes: .bytes(codes), codebook: noise([8, d], 3, deviation: deviation),
            rowScales: scales ? Tensor(shape: [shape[0]], factors) : nil))
}

func convolution(
    _ inputs: Int, _ outputs: Int, size: Int, stride: Int = 1, padding: Int, groups: Int = 1,
    activation: Activation = .none, d: Int? = nil, scales: Bool = false
) -> Engine.Operation {
    .convolution(
        Convolution(
            weights: weights([outputs, inputs / groups, size, size], d: d, scales: scales),
            bias: noise([outputs], UInt64(size)), stride: stride, padding: padding, groups: groups,
            activation: activation))
}

func norm(_ channels: Int) -> Engine.Operation {
    let positive = Tensor(shape: [channels], (0..<channels).map { 0.5 + Float($0) / Float(channels) })
    return .batchNorm(
        BatchNorm(
            weight: positive, bias: noise([channels], 8), mean: noise([channels], 9), variance: positive))
}
