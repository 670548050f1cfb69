import Kernels
import Tensors

/// The memory that the steps of one run work on.
struct Memory {
    /// The caller's input, planar N×C×H×W.
    let input: UnsafePointer<Float>
    let arena: UnsafeMutableRawPointer
    let scratch: UnsafeMutableRawPointer
    let pool: ThreadPool

    func read(_ place: Place) -> UnsafePointer<Float> {
        switch place {
        case .input: input
        case .arena(let offset): UnsafePointer((arena + offset).assumingMemoryBound(to: Float.self))
        }
    }

    func write(_ place: Place) -> UnsafeMutablePointer<Float> {
        guard case .arena(let offset) = place else { preconditionFailure("the input is never written") }
        return (arena + offset).assumingMemoryBound(to: Float.self)
    }
}

/// Where a value is.
enum Place: Sendable {
    case input
    /// In bytes from the arena's start.
    case arena(Int)
}

/// One unit of a plan's work, fully decided: running it allocates nothing.
protocol Step: Sendable {
    func run(_ memory: Memory)
}

struct ConvolutionStep: Step {
    let convolution: PreparedConvolution
    let input: Place
    let residual: Place?
    let output: Place

    func run(_ memory: Memory) {
        convolution.run(
            input: memory.read(input), output: memory.write(output), residual: residual.map(memory.read),
            scratch: memory.scratch, pool: memory.pool)
    }
}

struct LinearStep: Step {
    let linear: PreparedLinear
    let input: Place
    let output: Place

    func run(_ memory: Memory) {
        linear.run(input: memory.read(input), output: memory.write(output), pool: memory.pool)
    }
}

struct LookupStep: Step {
    let linear: PreparedLookup
    let input: Place
    let output: Place

    func run(_ memory: Memory) {
        linear.run(
            input: memory.read(input), output: memory.write(output), scratch: memory.scratch, pool: memory.pool)
    }
}

/// An operation on one block of channels at a time.
struct PlaneStep: Step {
    let operation: PlaneOperation
    let inputs: [Place]
    let output: Place

    func run(_ memory: Memory) {
        operation.run(input: { memory.read(inputs[$0]) }, output: memory.write(output), pool: memory.pool)
    }
}

/// Values that only move to another layout.
struct MoveStep: Step {
    let inputs: [Place]
    let output: Place
    let body: @Sendable (Memory, [Place], UnsafeMutablePointer<Float>) -> Void

    func run(_ memory: Memory) { body(memory, inputs, memory.write(output)) }
}
