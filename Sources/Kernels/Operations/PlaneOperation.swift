import Tensors

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// An operation that works on one block of channels of one image at a time, in parallel over them.
package final class PlaneOperation: ParallelWork {
    /// [height][width][16] of each input, and of the output.
    private let body:
        @Sendable (_ inputs: UnsafePointer<UnsafePointer<Float>>, _ output: UnsafeMutablePointer<Float>, _ block: Int)
            ->
            Void
    private let planes: Int
    private let blocks: Int
    private let inputFloats: [Int]
    private let outputFloats: Int
    private let inputs: Storage
    private let pointersPerThread: Int
    nonisolated(unsafe) private var output: UnsafeMutablePointer<Float>?

    /// `inputPixels` and `outputPixels` are height × width of each input and of the output.
    init(
        batch: Int, channels: Int, inputPixels: [Int], outputPixels: Int, threads: Int,
        body:
            @escaping @Sendable (
                UnsafePointer<UnsafePointer<Float>>, UnsafeMutablePointer<Float>, _ block: Int
            ) -> Void
    ) {
        blocks = Blocked.count(channels)
        planes = batch * blocks
        inputFloats = inputPixels.map { $0 * 16 }
        outputFloats = outputPixels * 16
        // The bases first, then a list of a plane's inputs for each thread, on a cache line of its own.
        pointersPerThread = (inputPixels.count + 7) & ~7
        inputs = Storage(byteCount: pointersPerThread * (threads + 1) * MemoryLayout<UnsafePointer<Float>>.stride)
        self.body = body
    }

    /// Floats read and written from which several threads are faster than one: waking them takes some microseconds.
    private static let worthSharing = 1 << 17

    private var bases: UnsafeMutablePointer<UnsafePointer<Float>> {
        inputs.base.assumingMemoryBound(to: UnsafePointer<Float>.self)
    }

    /// `input(i)` is where input `i` is.
    package func run(
        input: (Int) -> UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, pool: ThreadPool
    ) {
        for index in inputFloats.indices { bases[index] = input(index) }
        self.output = output
        if planes * (inputFloats.reduce(0, +) + outputFloats) < Self.worthSharing {
            for plane in 0..<planes { run(part: plane, thread: 0) }
        } else {
            pool.run(planes, self)
        }
        self.output = nil
    }

    package func run(part: Int, thread: Int) {
        guard let output else { return }
        let list = bases + (thread + 1) * pointersPerThread
        for index in inputFloats.indices { list[index] = bases[index] + part * inputFloats[index] }
        body(list, output + part * outputFloats, part % blocks)
    }
}

extension PlaneOperation {
    /// The sum of all inputs, rectified if asked.
    package static func add(
        batch: Int, channels: Int, pixels: Int, inputs: Int, relu: Bool, isa: ISA, threads: Int
    ) -> PlaneOperation {
        let kernels = KernelTable.of(isa)
        return PlaneOperation(
            batch: batch, channels: channels, inputPixels: Array(repeating: pixels, count: inputs),
            outputPixels: pixels,
            threads: threads
        ) { input, output, _ in
            kernels.add(input[0], input[min(1, inputs - 1)], output, pixels * 16, relu && inputs <= 2)
            for index in 2..<max(inputs, 2) {
                kernels.add(UnsafePointer(output), input[index], output, pixels * 16, relu && index == inputs - 1)
            }
        }
    }

    package static func rectify(batch: Int, channels: Int, pixels: Int, isa: ISA, threads: Int) -> PlaneOperation {
        let kernels = KernelTable.of(isa)
        return PlaneOperation(
            batch: batch, channels: channels, inputPixels: [pixels], outputPixels: pixels, threads: threads
        ) { input, output, _ in kernels.rectify(input[0], output, pixels * 16) }
    }

    /// `input · scale[c] + shift[c]`; both hold a number per channel.
    package static func affine(
        batch: Int, channels: Int, pixels: Int, scale: [Float], shift: [Float], isa: ISA, threads: Int
    ) -> PlaneOperation {
        let kernels = KernelTable.of(isa)
        let padding = [Float](repeating: 0, count: Blocked.count(channels) * 16 - channels)
        let factors = Tensor(shape: [2, channels + padding.count], scale + padding + shift + padding)
        return PlaneOperation(
            batch: batch, channels: channels, inputPixels: [pixels], outputPixels: pixels, threads: threads
        ) { input, output, block in
            let scale = factors.floats.baseAddress! + block * 16
            kernels.scaleChannels(input[0], output, pixels * 16, scale, scale + factors.shape[1])
        }
    }

    /// The product of two inputs; the second may have a single pixel, which then scales its channel.
    package static func multiply(
        batch: Int, channels: Int, pixels: Int, secondPixels: Int, isa: ISA, threads: Int
    ) -> PlaneOperation {
        let kernels = KernelTable.of(isa)
        let zeros = Tensor(shape: [16]) { _ in }
        return PlaneOperation(
            batch: batch, channels: channels, inputPixels: [pixels, secondPixels], outputPixels: pixels,
            threads: threads
        ) { input, output, _ in
            if secondPixels == pixels {
                kernels.multiply(input[0], input[1], output, pixels * 16)
            } else {
                kernels.scaleChannels(input[0], output, pixels * 16, input[1], zeros.floats.baseAddress!)
            }
        }
    }

    package static func maxPool(
        batch: Int, channels: Int, height: Int, width: Int, outputHeight: Int, outputWidth: Int, size: Int, stride: Int,
        padding: Int, isa: ISA, threads: Int
    ) -> PlaneOperation {
        let kernels = KernelTable.of(isa)
        return PlaneOperation(
            batch: batch, channels: channels, inputPixels: [height * width], outputPixels: outputHeight * outputWidth,
            threads: threads
        ) { input, output, _ in
            kernels.maxPool(input[0], height, width, size, stride, padding, output, outputHeight, outputWidth)
        }
    }

    package static func averagePool(
        batch: Int, channels: Int, height: Int, width: Int, outputHeight: Int, outputWidth: Int, isa: ISA, threads: Int
    ) -> PlaneOperation {
        let kernels = KernelTable.of(isa)
        return PlaneOperation(
            batch: batch, channels: channels, inputPixels: [height * width], outputPixels: outputHeight * outputWidth,
            threads: threads
        ) { input, output, _ in kernels.averagePool(input[0], height, width, output, outputHeight, outputWidth) }
    }

    /// 1 / (1 + e⁻ˣ); the lanes past the last channel become 0 again.
    package static func sigmoid(batch: Int, channels: Int, pixels: Int, threads: Int) -> PlaneOperation {
        PlaneOperation(batch: batch, channels: channels, inputPixels: [pixels], outputPixels: pixels, threads: threads)
        {
            input, output, block in
            for index in 0..<pixels * 16 {
                output[index] = block * 16 + index % 16 < channels ? 1 / (1 + expf(-input[0][index])) : 0
            }
        }
    }
}
