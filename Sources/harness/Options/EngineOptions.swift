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

    func validate() throws {
        guard (1...256).contains(threads) else { throw ValidationError("--threads takes 1 to 256") }
    }

    func planOptions() throws -> PlanOptions {
        PlanOptions(threads: threads, isa: try chosenISA(), algorithm: try chosenAlgorithm())
    }

    func chosenISA() throws -> ISA {
        guard let name = isa ?? ProcessInfo.processInfo.environment["HARNESS_ISA"] else { return .best }
        guard let isa = ISA(rawValue: name), ISA.available.contains(isa) else {
            throw ValidationError(
                "this CPU has no '\(name)'; it has \(ISA.available.map(\.rawValue).joined(separator: ", "))")
        }
        return isa
    }

    private func chosenAlgorithm() throws -> ConvolutionAlgorithm? {
        guard let algorithm else { return nil }
        guard let chosen = ConvolutionAlgorithm(rawValue: algorithm) else {
            throw ValidationError(
                "no algorithm '\(algorithm)'; there are \(ConvolutionAlgorithm.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        return chosen
    }
}
