import ArgumentParser
import Benchmarking
import Networks
import Reporting

struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the suites, models, data sets, cases or engines that there are.",
        discussion: """
            EXAMPLES
              harness list models
              harness list cases --suite latency
              harness list engines --json
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case suites, models, datasets, cases, engines
    }

    @Argument(help: "suites, models, datasets, cases or engines.")
    var kind: Kind

    @Option(help: "With cases: only those of this suite.")
    var suite: String?

    @OptionGroup var folders: FolderOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() async throws {
        let locations = try folders.locations()
        switch kind {
        case .suites: try suites(locations)
        case .models: try models(locations)
        case .datasets: try datasets(locations)
        case .cases: try cases(locations)
        case .engines: try await engines(locations)
        }
    }

    private func suites(_ locations: Locations) throws {
        struct Entry: Encodable {
            let name: String
            let description: String
            let cases: Int
        }
        let entries = try Suite.all(in: locations.suites).map {
            Entry(name: $0.name, description: $0.description, cases: $0.cases.count)
        }
        try show(entries, ["suite", "cases", "description"], leading: [2]) { [$0.name, "\($0.cases)", $0.description] }
    }

    private func models(_ locations: Locations) throws {
        try show(
            try ModelList.entries(locations), ["model", "family", "parameters", "multiply-adds", "input", "source"],
            leading: [1, 5]
        ) {
            [
                $0.name, $0.family, Format.count($0.parameters), Format.count($0.multiplyAdds),
                $0.input.map(String.init).joined(separator: "×"), $0.source,
            ]
        }
    }

    private func datasets(_ locations: Locations) throws {
        struct Entry: Encodable {
            let name: String
            let description: String
            let present: Bool
            let source: String
            let licence: String
        }
        let entries = try DatasetManifest.names(in: locations.datasets).map { name in
            let manifest = try DatasetManifest.read(name, in: locations.datasets)
            return Entry(
                name: name, description: manifest.description,
                present: (try? Dataset.find(name, in: locations.datasets)) != nil, source: manifest.source,
                licence: manifest.licence)
        }
        try show(entries, ["data set", "", "description"], leading: [1, 2]) {
            [$0.name, $0.present ? "present" : "absent", $0.description]
        }
    }

    private func cases(_ locations: Locations) throws {
        struct Entry: Encodable {
            let suite: String
            let id: String
            let model: String
            let form: String?
            let engine: String
            let threads: Int
            let batch: Int
            let dataset: String?
        }
        let suites = try suite.map { [try Suite.find($0, in: locations.suites)] } ?? Suite.all(in: locations.suites)
        let entries = suites.flatMap { suite in
            suite.cases.map {
                Entry(
                    suite: suite.name, id: $0.id, model: $0.model, form: $0.form?.rawValue, engine: $0.engine,
                    threads: $0.threads, batch: $0.batch, dataset: $0.dataset)
            }
        }
        try show(entries, ["suite", "case", "model", "threads", "batch", "data set"], leading: [1, 2, 5]) {
            [$0.suite, $0.id, $0.model, "\($0.threads)", "\($0.batch)", $0.dataset ?? ""]
        }
    }

    private func engines(_ locations: Locations) async throws {
        let engines = await EngineCatalogue(suites: locations.suites).describe()
        try show(engines, ["engine", "version", ""], leading: [1, 2]) {
            [$0.name, $0.version ?? "–", $0.usable ? "usable" : "install with \($0.install ?? "make engines")"]
        }
    }

    private func show<Entry: Encodable>(
        _ entries: [Entry], _ header: [String], leading: Set<Int>, row: (Entry) -> [String]
    ) throws {
        if json { return try Terminal.json(entries) }
        var table = TextTable(header: header, leading: leading)
        for entry in entries { table.add(row(entry)) }
        Terminal.print(table.text)
    }
}
