/// What `list engines` says about an engine.
package struct EngineDescription: Codable, Sendable {
    package var name: String
    package var usable: Bool
    package var version: String?
    /// Why it cannot be used, and what installs it.
    package var reason: String?
    package var install: String?
}

/// The engines that can run a network: this project's own, `native`, and one per `*_engine.py` of a folder.
package struct EngineCatalogue: Sendable {
    package static let native = "native"
    private static let suffix = "_engine.py"

    /// How to start another engine's process.
    package struct Contender: Sendable {
        package var name: String
        package var executable: String
        package var arguments: [String]
    }

    private let folder: String
    private let python: String

    /// The engines of the project whose suites are in the folder `suites`; their packages are in its `.engines`.
    package init(suites: String = Locations().suites) {
        let parent = suites.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let root = suites.contains("/") ? parent : "."
        folder = root + "/engines"
        let own = root + "/.engines/bin/python"
        python = Locations.exists(own) ? own : "python3"
    }

    /// `native` first, then the others by name.
    package var names: [String] {
        let files = Locations.entries(of: folder).filter { $0.hasSuffix(Self.suffix) }
        return [Self.native] + files.map { String($0.dropLast(Self.suffix.count)) }
    }

    /// How to start an engine of the project other than `native`.
    package static func contender(_ name: String) throws(ConfigurationError) -> Contender {
        try EngineCatalogue().contender(name)
    }

    package func contender(_ name: String) throws(ConfigurationError) -> Contender {
        guard name != Self.native, names.contains(name) else {
            throw .unknown(kind: "engine", name: name, known: names)
        }
        return Contender(name: name, executable: python, arguments: ["\(folder)/\(name)\(Self.suffix)"])
    }

    /// All engines of the project, each asked whether it can be used.
    package static func all() async -> [EngineDescription] { await EngineCatalogue().describe() }

    /// All engines; they are asked at the same time, and one that does not answer in `timeout` seconds is not usable.
    package func describe(timeout: Double = 120) async -> [EngineDescription] {
        await withTaskGroup { group in
            for (i, name) in names.enumerated() {
                group.addTask { (i, await describe(name, timeout: timeout)) }
            }
            var found: [(Int, EngineDescription)] = []
            for await one in group { found.append(one) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func describe(_ name: String, timeout: Double) async -> EngineDescription {
        if name == Self.native { return EngineDescription(name: name, usable: true) }
        do {
            let contender = try contender(name)
            let checked: ContenderChecked = try await EngineProcess.with(
                engine: name, executable: contender.executable, arguments: contender.arguments + ["--check"]
            ) { try await $0.decode($0.answer(timeout: timeout)) }
            return EngineDescription(name: name, usable: true, version: checked.version)
        } catch {
            return EngineDescription(
                name: name, usable: false, reason: "\(error)", install: "\(folder)/install.sh \(name)")
        }
    }
}
