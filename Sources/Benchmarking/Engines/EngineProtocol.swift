import Foundation

/// What another engine is to load; engines/README.md describes the files and the answers. Its other commands are `run` and
/// `check`.
package struct ContenderLoad: Sendable, Codable {
    private var command = "load"
    package var network: String
    package var weights: String
    package var input: String
    package var output: String
    package var threads: Int

    package init(network: String, weights: String, input: String, output: String, threads: Int) {
        self.network = network
        self.weights = weights
        self.input = input
        self.output = output
        self.threads = threads
    }
}

/// Another input to run after the measurement, and how many more to make of it and to time.
struct ContenderCheck: Encodable {
    let command = "check"
    var input: String
    var output: String
    var count: Int
}

/// The answer to it.
struct ContenderTimes: Decodable {
    var seconds: [Double]
}

package struct ContenderLoaded: Sendable, Codable {
    package var engine: String
    package var version: String
    package var loadSeconds: Double
    package var firstSeconds: Double
    /// Something to know about how the engine runs the network.
    package var note: String?

    private enum CodingKeys: String, CodingKey {
        case engine, version, note
        case loadSeconds = "load_seconds"
        case firstSeconds = "first_seconds"
    }
}

/// What an engine that is started with `--check` answers, unasked.
struct ContenderChecked: Decodable {
    var version: String
}

extension EngineProcess {
    /// Sends a command as JSON and decodes the answer.
    ///
    /// - Parameter timeout: in seconds.
    /// - Throws: `EngineProcessError`, or `CancellationError`. After `refused` the child goes on; else it is dead.
    package func ask<Answer: Decodable>(
        _ command: some Encodable, for: Answer.Type = Answer.self, timeout: Double
    ) async throws -> Answer {
        let line = try String(decoding: JSONEncoder().encode(command), as: UTF8.self)
        return try await decode(answer(to: line, timeout: timeout))
    }

    /// Decodes an answer; kills the child where the line is none.
    func decode<Answer: Decodable>(_ line: [UInt8]) async throws -> Answer {
        let data = Data(line)
        guard let verdict = try? JSONDecoder().decode(Verdict.self, from: data) else {
            throw await reject("not an answer: \(Self.excerpt(line))")
        }
        guard verdict.ok else {
            throw EngineProcessError.refused(engine: engine, reason: verdict.error ?? "no reason given")
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: data) else {
            throw await reject("not the answer to what it was asked: \(Self.excerpt(line))")
        }
        return answer
    }

    private static func excerpt(_ line: [UInt8]) -> String {
        let text = String(decoding: line.prefix(120), as: UTF8.self)
        return text.isEmpty ? "an empty line" : text.debugDescription
    }
}

private struct Verdict: Decodable {
    var ok: Bool
    var error: String?
}
