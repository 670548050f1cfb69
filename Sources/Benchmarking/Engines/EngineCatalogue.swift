/// What `list engines` says about an engine.
package struct EngineDescription: Codable, Sendable {
    package var name: String
    package var usable: Bool
    package var version: String?
    /// Why it cannot be used, and how to install it.
    package var reason: String?
    package var install: String?
}

/// The engines that can run a network: this project's own, `native`, and one per `*_engine.py` of a folder.
package struct EngineCatalogue: Sendable {
    package static let native = "native"

    /// How to start an engine's process.
    package struct Adapter: Sendable {
        package var name: String
        package var executable: String
        package var arguments: [String]
    }

    private let folder: String
    private let python: String

    /// The engines of the project whose suites are in the folder `suites`.
    package init(suites: String) {
        let home = suites.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let root = suites.contains("/") ? home : "."
        folder = root + "/engines"
        let own = root + "/.engines/bin/python"
        python = Locations.exists(own) ? own : "python3"
    }

    /// `native` first, then the others by name.
    package var names: [String] {
        [Self.native]
            + Locations.entries(of: folder).filter { $0.hasSuffix("_engine.py") }.map { String($0.dropLast(10)) }
    }

    /// How to start an engine other than `native`.
    package func adapter(_ name: String) throws(ConfigurationError) -> Adapter {
        guard name != Self.native, names.contains(name) else {
            throw .unknown(kind: "engine", name: name, known: names)
        }
        return Adapter(name: name, executable: python, arguments: ["\(folder)/\(name)_engine.py"])
    }

    /// All engines, each asked whether it can be used; they are asked at the same time.
    package func describe(timeout: Duration = .seconds(120)) async throws -> [EngineDescription] {
        try await withThrowingTaskGroup { group in
            for (i, name) in names.enumerated() {
                group.addTask { (i, try await describe(name, timeout: timeout)) }
            }
            var found: [(Int, EngineDescription)] = []
            for try await one in group { found.append(one) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// - Throws: `ConfigurationError` where there is no such engine, and `CancellationError`.
    package func describe(_ name: String, timeout: Duration = .seconds(120)) async throws -> EngineDescription {
        if name == Self.native { return EngineDescription(name: name, usable: true) }
        let adapter = try adapter(name)
        do {
            let process = try await EngineProcess.start(
                engine: name, executable: adapter.executable, arguments: adapter.arguments + ["--check"])
            let checked: EngineAnswer.Checked = try await process.decode(process.answer(timeout: timeout))
            await process.finish()
            return EngineDescription(name: name, usable: true, version: checked.version)
        } catch let error as EngineProcessError {
            return EngineDescription(
                name: name, usable: false, reason: "\(error)", install: "\(folder)/install.sh \(name)")
        }
    }
}
