import Foundation

/// One run as one JSON document: the results file. Times are seconds, sizes bytes; keys are snake_case.
///
/// The `…Record` types below are its objects, plain data that anybody may fill in. Keys of the schema that may be
/// `null` are written as `null`; additional facts that a run does not have are left out.
package struct Results: Codable, Equatable, Sendable {
    /// The version of the layout that this code reads and writes.
    package static let currentSchema = 1

    package var schema = currentSchema
    package var run: RunRecord
    package var environment: EnvironmentRecord
    /// In the suite's order.
    package var cases: [CaseRecord]
    /// Digest of everything else in the file; see `ResultsCoding`. Set when the file is written.
    package var contentSHA256: String?

    package init(run: RunRecord, environment: EnvironmentRecord, cases: [CaseRecord]) {
        self.run = run
        self.environment = environment
        self.cases = cases
    }

    enum CodingKeys: String, CodingKey {
        case schema, run, environment, cases
        case contentSHA256 = "content_sha256"
    }
}

/// Who ran what, when and with which version of the code.
package struct RunRecord: Codable, Equatable, Sendable {
    /// Unique among runs; part of the file's name.
    package var id: String
    package var suite: String
    package var started: Date
    package var finished: Date?
    /// The command line, program first.
    package var command: [String]?
    package var seed: UInt64?
    package var harnessVersion: String?
    @Nullable package var git: GitRecord?
    /// How samples of different cases were ordered, such as `sequential` or `interleaved`.
    package var order: String?
    /// True when the run was stopped early and holds only what was finished.
    package var interrupted: Bool?
    /// The run that was interleaved with this one, where two builds were compared.
    package var pair: PairRecord?
    /// The processors that cases were confined to, such as `0-3,6`.
    package var pin: String?
    /// The priority that was added to that of the program; more is less urgent.
    package var nice: Int?
    package var conditions: ConditionsRecord?

    package init(id: String, suite: String, started: Date, command: [String], seed: UInt64, harnessVersion: String) {
        self.id = id
        self.suite = suite
        self.started = started
        self.command = command
        self.seed = seed
        self.harnessVersion = harnessVersion
    }

    enum CodingKeys: String, CodingKey {
        case id, suite, started, finished, command, seed, git, order, interrupted, pair, pin, nice, conditions
        case harnessVersion = "harness_version"
    }
}

/// One of two runs whose blocks took turns: block number n of a case followed that of the other run at once.
package struct PairRecord: Codable, Equatable, Sendable {
    package enum Role: String, Codable, Sendable { case baseline, candidate }

    /// The other run's `id`.
    package var run: String
    /// Of this run.
    package var role: Role

    package init(run: String, role: Role) {
        self.run = run
        self.role = role
    }
}

package struct GitRecord: Codable, Equatable, Sendable {
    package var commit: String
    /// True when tracked files differed from the commit.
    package var dirty: Bool

    package init(commit: String, dirty: Bool) {
        self.commit = commit
        self.dirty = dirty
    }
}

/// An optional that is written as `null` instead of being left out, and may be either when read.
@propertyWrapper
package struct Nullable<Value: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
    package var wrappedValue: Value?

    package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}

extension KeyedDecodingContainer {
    /// Found by the synthesized `init(from:)`, which would otherwise insist on the key.
    func decode<Value>(_ type: Nullable<Value>.Type, forKey key: Key) throws -> Nullable<Value> {
        try decodeIfPresent(type, forKey: key) ?? Nullable(wrappedValue: nil)
    }
}
