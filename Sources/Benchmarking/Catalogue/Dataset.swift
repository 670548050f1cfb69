/// Labelled images: a folder with one sub-folder per class, or one with a `labels.tsv`.
package struct Dataset: Sendable {
    package struct Item: Sendable {
        package let file: String
        package let label: Int
    }

    package enum Part: String, Sendable, CaseIterable { case train, test }

    package let name: String
    package let folder: String
    /// Sorted by class, then file name; in the order of its rows where there is a labels.tsv.
    package let items: [Item]
    /// The classes' folder names; empty where a labels.tsv gives indices.
    package let classes: [String]

    /// A data set by its name in one of the folders `datasets`, or by the path of its own folder.
    ///
    /// A folder that is split into `train` and `test` stands for the `part` that is asked for.
    package static func find(
        _ name: String, in datasets: [String], part: Part = .test
    ) throws(ConfigurationError) -> Dataset {
        var found: String?
        if !name.contains("/") {
            found = datasets.map { "\($0)/\(name)" }.first(where: holdsImages)
            if found == nil, Locations.first(name, in: datasets) != nil {
                throw .absent(dataset: name, obtain: try DatasetManifest.read(name, in: datasets).obtain)
            }
        }
        let folder = found ?? name
        guard Locations.isFolder(folder) else {
            if Locations.exists(folder) {
                throw .malformed(file: folder, line: nil, reason: "a data set is a folder, and this is a file")
            }
            if name.contains("/") { throw .inaccessible(file: name, reason: "no such folder") }
            throw .unknown(kind: "data set", name: name, known: DatasetManifest.names(in: datasets))
        }
        func holdsFolders(_ folder: String) -> Bool {
            Locations.entries(of: folder).contains { Locations.isFolder("\(folder)/\($0)") }
        }
        let own = "\(folder)/\(part)"
        let root = holdsFolders(own) ? own : folder
        if root == folder, Part.allCases.contains(where: { holdsFolders("\(folder)/\($0)") }) {
            throw .absent(dataset: name, obtain: "\(folder) has no folder \(part) with images of each class")
        }
        return Locations.exists(root + "/labels.tsv")
            ? Dataset(name: lastComponent(folder), folder: root, items: try Labels.read(in: root), classes: [])
            : try byFolders(name: lastComponent(folder), folder: root)
    }

    private static func holdsImages(_ folder: String) -> Bool {
        Locations.exists(folder + "/labels.tsv")
            || Locations.entries(of: folder).contains { Locations.isFolder("\(folder)/\($0)") }
    }

    private static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last { $0 != "." && $0 != ".." }.map(String.init) ?? path
    }

    private static func byFolders(name: String, folder: String) throws(ConfigurationError) -> Dataset {
        let classes = Locations.entries(of: folder).filter { Locations.isFolder("\(folder)/\($0)") }
        guard !classes.isEmpty else {
            throw .malformed(
                file: folder, line: nil, reason: "this folder has neither a labels.tsv nor sub-folders, one per class")
        }
        var items: [Item] = []
        for (label, name) in classes.enumerated() {
            for file in Locations.entries(of: "\(folder)/\(name)")
            where !Locations.isFolder("\(folder)/\(name)/\(file)") {
                items.append(Item(file: "\(folder)/\(name)/\(file)", label: label))
            }
        }
        guard !items.isEmpty else { throw .malformed(file: folder, line: nil, reason: "the class folders are empty") }
        return Dataset(name: name, folder: folder, items: items, classes: classes)
    }
}
