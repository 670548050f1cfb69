import Kernels
import Tensors
import Testing

/// Linear layers, pooling and sums against plain loops, on every instruction set of this CPU.
struct OperationTests {
    @Test(arguments: [(1, 1, 1), (1, 16, 3), (1, 35, 10), (2, 100, 33), (5, 64, 130), (9, 7, 21), (6, 4100, 9)])
    func linear(batch: Int, inputs: Int, outputs: Int) {
        let weights = Tensor.normal(shape: [outputs, inputs], seed: 1)
        let bias = Tensor.normal(shape: [outputs], seed: 2)
        let rows = Tensor.normal(shape: [batch, inputs], seed: 3)
        let blocked = rows.blocked(pixels: 1)
        let padded = Tensor(shape: [batch, Blocked.count(inputs) * 16]) { target in
            Blocked.toPlanar(
                blocked.floats.baseAddress!, to: target.baseAddress!, batch: batch, channels: inputs,
                pixels: 1, rowStride: Blocked.count(inputs) * 16)
        }
        let stride = Blocked.count(outputs) * 16
        for isa in ISA.available {
            var bits: [[Float]] = []
            for threads in 1...3 {
                let layer = PreparedLinear(
                    batch: batch, weights: weights, bias: bias, relu: true, isa: isa, threads: threads)
                let pool = ThreadPool(threads: threads)
                let found = Tensor(shape: [batch, stride]) { output in
                    output.update(repeating: .nan)
                    layer.run(input: padded.floats.baseAddress!, output: output.baseAddress!, pool: pool)
                }
                for image in 0..<batch {
                    for row in 0..<stride {
                        guard row < outputs else {
                            #expect(found.floats[image * stride + row] == 0)
                            continue
                        }
                        var sum = Double(bias.floats[row])
                        for k in 0..<inputs {
                            sum += Double(weights.floats[row * inputs + k]) * Double(rows.floats[image * inputs + k])
                        }
                        let difference = abs(Double(found.floats[image * stride + row]) - max(sum, 0))
                        #expect(difference < 1e-4, "\(isa.rawValue) row \(row)")
                    }
                }
                bits.append(found.array)
            }
            #expect(bits[0] == bits[1] && bits[0] == bits[2])
        }
    }

    @Test(arguments: [(7, 9, 3, 2, 1), (4, 4, 2, 2, 0), (5, 1, 3, 1, 1)])
    func maxPool(height: Int, width: Int, size: Int, stride: Int, padding: Int) {
        let input = Tensor.normal(shape: [2, 19, height, width], seed: 4)
        let (outHeight, outWidth) = (
            (height + 2 * padding - size) / stride + 1, (width + 2 * padding - size) / stride + 1
        )
        for isa in ISA.available {
            let operation = PlaneOperation.maxPool(
                batch: 2, channels: 19, height: height, width: width, outputHeight: outHeight, outputWidth: outWidth,
                size: size, stride: stride, padding: padding, isa: isa, threads: 2)
            let found = run(operation, [input], pixels: outHeight * outWidth)
            for index in 0..<found.count {
                let (plane, pixel) = index.quotientAndRemainder(dividingBy: outHeight * outWidth)
                var largest = -Float.infinity
                for y in pixel / outWidth * stride - padding..<pixel / outWidth * stride - padding + size {
                    for x in pixel % outWidth * stride - padding..<pixel % outWidth * stride - padding + size
                    where (0..<height).contains(y) && (0..<width).contains(x) {
                        largest = max(largest, input.floats[(plane * height + y) * width + x])
                    }
                }
                #expect(found[index] == largest)
            }
        }
    }

    @Test func sumsOfAnyNumberOfInputs() {
        for count in 1...4 {
            let inputs = (0..<count).map { Tensor.normal(shape: [1, 5, 3, 3], seed: UInt64($0)) }
            let operation = PlaneOperation.add(
                batch: 1, channels: 5, pixels: 9, inputs: count, relu: true, isa: .best, threads: 1)
            let found = run(operation, inputs, pixels: 9)
            for index in 0..<found.count where count > 1 {
                let sum = inputs.reduce(Float(0)) { $0 + $1.floats[index] }
                #expect(abs(found[index] - max(sum, 0)) < 1e-5)
            }
        }
    }

    @Test func everyPartRunsOnce() {
        final class Counter: ParallelWork {
            nonisolated(unsafe) let counts = UnsafeMutablePointer<Int>.allocate(capacity: 1000)
            init() { counts.initialize(repeating: 0, count: 1000) }
            func run(part: Int, thread: Int) { counts[part] += 1 }
            deinit { counts.deallocate() }
        }
        let pool = ThreadPool(threads: 3)
        let counter = Counter()
        for round in 1...200 {
            pool.run(1000, counter)
            #expect((0..<1000).allSatisfy { counter.counts[$0] == round })
        }
    }

    /// The planar result of an operation on planar inputs.
    private func run(_ operation: PlaneOperation, _ inputs: [Tensor], pixels: Int) -> [Float] {
        let shape = inputs[0].shape
        let blocked = inputs.map { $0.blocked(pixels: shape[2] * shape[3]) }
        let output = Tensor(shape: [shape[0], Blocked.count(shape[1]), pixels, 16]) { output in
            operation.run(
                input: { blocked[$0].floats.baseAddress! }, output: output.baseAddress!, pool: ThreadPool(threads: 1))
        }
        return Tensor(shape: [shape[0], shape[1], pixels]) { target in
            Blocked.toPlanar(
                output.floats.baseAddress!, to: target.baseAddress!, batch: shape[0], channels: shape[1], pixels: pixels
            )
        }.array
    }
}

extension Tensor {
    /// N×C×… as the engine keeps it.
    fileprivate func blocked(pixels: Int) -> Tensor {
        Tensor(shape: [shape[0], Blocked.count(shape[1]), pixels, 16]) { target in
            Blocked.fromPlanar(
                floats.baseAddress!, to: target.baseAddress!, batch: shape[0], channels: shape[1], pixels: pixels)
        }
    }
}
