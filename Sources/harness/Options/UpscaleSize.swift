import ArgumentParser
import Engine
import Foundation

/// The size of an upsampled image.
enum UpscaleSize {
    /// `size` where it is nowhere below that of the input, height and width, and not absurd.
    static func checked(_ size: [Int], from input: [Int]) throws -> [Int] {
        guard size[0] >= input[0], size[1] >= input[1] else {
            throw UserError.usage(
                "the output's size \(size[0])x\(size[1]) is below the image's, \(input[0])x\(input[1]); "
                    + "LIIF only enlarges")
        }
        let bytes = Double(size[0]) * Double(size[1]) * 3
        let memory = Double(ProcessInfo.processInfo.physicalMemory)
        guard bytes < 0.75 * memory else {
            let text = { (bytes: Double) in String(format: "%.1f GB", bytes * 1e-9) }
            throw UserError.usage(
                "an output of \(size[0])x\(size[1]) needs \(text(bytes)) of memory, and this machine has \(text(memory))"
            )
        }
        return size
    }

    /// The input's sides times a factor of at least 1, rounded.
    static func scaled(_ input: [Int], by scale: Double) throws -> [Int] {
        guard scale >= 1, scale.isFinite else { throw UserError.usage("--scale takes a number of 1 or more") }
        let size = input.map { (Double($0) * scale).rounded() }
        guard size.allSatisfy({ $0 <= 1_000_000 }) else {
            throw UserError.usage(
                String(
                    format: "an output of %.7gx%.7g needs %.3g GB of memory", size[0], size[1],
                    size[0] * size[1] * 3e-9))
        }
        return size.map { Int($0) }
    }
}
