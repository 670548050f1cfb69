import ArgumentParser
import Benchmarking

/// Where to look for networks and data sets.
struct FolderOptions: ParsableArguments {
    @Option(help: "A folder of networks, searched before the bundled one.")
    var models: String?

    @Option(help: "A folder of data sets, searched before the bundled one.")
    var datasets: String?

    func locations() throws -> Locations {
        var locations = Locations()
        for (option, folder) in [("--models", models), ("--datasets", datasets)] {
            guard let folder, !Locations.isFolder(folder) else { continue }
            throw UserError.inaccessible("\(option) \(folder): no such folder")
        }
        if let models { locations.models.insert(models, at: 0) }
        if let datasets { locations.datasets.insert(datasets, at: 0) }
        return locations
    }
}
