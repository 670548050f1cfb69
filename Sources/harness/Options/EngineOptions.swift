import ArgumentParser
import Engine
import Foundation
import Kernels

/// How the engine runs a network.
struct EngineOptions: ParsableArguments {
    @Option(help: "CPU threads.")
    var threads = 1

    @Option(help: "Instruction set: \(ISA.available.map(\.rawValue).joined(separator: ", ")) (also HARNESS_ISA).")
    var isa: String?

    @Option(
        help: """
            Force one convolution algorithm where it applies: \
            \(ConvolutionAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")).
            """)
    var algorithm: String?

    @Flag(help: "Keep no weights larger than they are stored; slower where transformed weights pay.")
    var lowMemory = false

    func validate() throws {
        guard (1...256).contains(threads) else { throw ValidationError("--threads takes 1 to 256") }
    }

    func planOptions() throws -> PlanOptions {
        var options = PlanOptions(
            threads: threads, isa: try Self.chosenISA(isa), algorithm: try algorithm.map(Self.chosenAlgorithm))
        options.lowMemory = lowMemory
        return options
    }

    /// The instruction set of the option, else of the environment, else the best.
    static func chosenISA(_ option: String?) throws -> ISA {
        guard let name = option ?? ProcessInfo.processInfo.environment["HARNESS_ISA"] else { return .best }
        guard let isa = ISA(rawValue: name), ISA.available.contains(isa) else {
            throw ValidationError(
                "this CPU has no '\(name)'; it has \(ISA.available.map(\.rawValue).joined(separator: ", "))")
        }
        return isa
    }

    static func chosenAlgorithm(_ name: String) throws -> ConvolutionAlgorithm {
        guard let algorithm = ConvolutionAlgorithm(rawValue: name) else {
            let known = ConvolutionAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("no algorithm '\(name)'; there are \(known)")
        }
        return algorithm
    }
}
