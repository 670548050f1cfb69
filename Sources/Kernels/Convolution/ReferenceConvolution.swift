import Tensors

/// Plain loops in float64, from the definition.
struct ReferenceConvolution: ConvolutionBody {
    private let problem: ConvolutionProblem
    private let weights: Tensor

    init(_ problem: ConvolutionProblem) { (self.problem, weights) = (problem, problem.weights.dense()) }

    var packedBytes: Int { weights.count * 4 }
    var scratchBytes: Int { 0 }

    func run(_ memory: ConvolutionMemory, pool: ThreadPool) {
        let shape = problem.shape
        let pixels = shape.outputHeight * shape.outputWidth
        for image in 0..<shape.batch {
            for channel in 0..<shape.outputBlocks * 16 {
                for pixel in 0..<pixels {
                    let place = ((image * shape.outputBlocks + channel / 16) * pixels + pixel) * 16 + channel % 16
                    guard channel < shape.outputChannels else {
                        memory.output[place] = 0
                        continue
                    }
                    var sum = dot(
                        memory.input, image: image, channel: channel, y: pixel / shape.outputWidth,
                        x: pixel % shape.outputWidth)
                    if let bias = problem.bias { sum += Double(bias.floats[channel]) }
                    if let residual = memory.residual { sum += Double(residual[place]) }
                    memory.output[place] = Float(problem.relu && sum < 0 ? 0 : sum)
                }
            }
        }
    }

    private func dot(_ input: UnsafePointer<Float>, image: Int, channel: Int, y: Int, x: Int) -> Double {
        let shape = problem.shape
        let inputs = shape.inputChannels / shape.groups
        let first = channel / (shape.outputChannels / shape.groups) * inputs
        var sum = 0.0
        for c in 0..<inputs {
            for ky in 0..<shape.kernelHeight {
                for kx in 0..<shape.kernelWidth {
                    let row = y * shape.stride + ky - shape.padding
                    let column = x * shape.stride + kx - shape.padding
                    guard (0..<shape.height).contains(row), (0..<shape.width).contains(column) else { continue }
                    let tap = ((channel * inputs + c) * shape.kernelHeight + ky) * shape.kernelWidth + kx
                    let place = self.place(image: image, channel: first + c, row: row, column: column)
                    sum += Double(weights.floats[tap]) * Double(input[place])
                }
            }
        }
        return sum
    }

    private func place(image: Int, channel: Int, row: Int, column: Int) -> Int {
        let shape = problem.shape
        let pixel = row * shape.width + column
        let pixels = shape.height * shape.width
        return problem.planarInput
            ? (image * shape.inputChannels + channel) * pixels + pixel
            : ((image * shape.inputBlocks + channel / 16) * pixels + pixel) * 16 + channel % 16
    }
}
