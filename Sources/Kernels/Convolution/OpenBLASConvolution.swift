import COpenBLAS
import Tensors

/// im2col, then a matrix product by OpenBLAS for each image and group.
struct OpenBLASConvolution: ConvolutionBody {
    private let problem: ConvolutionProblem
    private let weights: Tensor

    init(_ problem: ConvolutionProblem) { (self.problem, weights) = (problem, problem.weights.dense()) }

    var packedBytes: Int { weights.count * 4 }

    private var pixels: Int { problem.shape.outputHeight * problem.shape.outputWidth }
    private var depth: Int {
        problem.shape.inputChannels / problem.shape.groups * problem.shape.kernelHeight * problem.shape.kernelWidth
    }

    /// The columns of one group, then the planar product of one image.
    var scratchBytes: Int { (depth + problem.shape.outputChannels) * pixels * 4 }

    func run(_ memory: ConvolutionMemory, pool: ThreadPool) {
        let shape = problem.shape
        OpenBLAS.limit(threads: pool.threads)
        let product = memory.scratch + depth * pixels
        let outputs = shape.outputChannels / shape.groups
        for image in 0..<shape.batch {
            for group in 0..<shape.groups {
                gather(memory, image: image, group: group)
                cblas_sgemm(
                    CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(outputs), blasint(pixels), blasint(depth), 1,
                    weights.floats.baseAddress! + group * outputs * depth, blasint(depth), memory.scratch,
                    blasint(pixels), 0, product + group * outputs * pixels, blasint(pixels))
            }
            finish(memory, product, image: image)
        }
    }

    /// Writes the columns of one group: [input channel, tap][pixel].
    private func gather(_ memory: ConvolutionMemory, image: Int, group: Int) {
        let shape = problem.shape
        let inputs = shape.inputChannels / shape.groups
        var column = memory.scratch
        for c in group * inputs..<(group + 1) * inputs {
            let map =
                problem.planarInput
                ? memory.input + (image * shape.inputChannels + c) * shape.height * shape.width
                : memory.input + (image * shape.inputBlocks + c / 16) * shape.height * shape.width * 16 + c % 16
            let step = problem.planarInput ? 1 : 16
            for ky in 0..<shape.kernelHeight {
                for kx in 0..<shape.kernelWidth {
                    for y in 0..<shape.outputHeight {
                        let row = y * shape.stride + ky - shape.padding
                        for x in 0..<shape.outputWidth {
                            let place = x * shape.stride + kx - shape.padding
                            let isInside = row >= 0 && row < shape.height && place >= 0 && place < shape.width
                            column.pointee = isInside ? map[(row * shape.width + place) * step] : 0
                            column += 1
                        }
                    }
                }
            }
        }
    }

    /// Blocks the planar product, with bias, residual and ReLU.
    private func finish(_ memory: ConvolutionMemory, _ product: UnsafePointer<Float>, image: Int) {
        let shape = problem.shape
        for channel in 0..<shape.outputBlocks * 16 {
            let start = (image * shape.outputBlocks + channel / 16) * pixels * 16 + channel % 16
            let bias = channel < shape.outputChannels ? problem.bias?.floats[channel] ?? 0 : 0
            for pixel in 0..<pixels {
                let place = start + pixel * 16
                guard channel < shape.outputChannels else {
                    memory.output[place] = 0
                    continue
                }
                var sum = product[channel * pixels + pixel] + bias
                if let residual = memory.residual { sum += residual[place] }
                memory.output[place] = problem.relu && sum < 0 ? 0 : sum
            }
        }
    }
}
