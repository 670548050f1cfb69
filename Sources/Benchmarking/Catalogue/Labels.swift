import Foundation

/// The `labels.tsv` layout: a header line with the columns `file` and `class_index`, then a row per image.
enum Labels {
    static func read(in folder: String) throws(ConfigurationError) -> [Dataset.Item] {
        let path = folder + "/labels.tsv"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .inaccessible(file: path, reason: "cannot be read")
        }
        guard data.count <= 1 << 28, let text = String(validating: data, as: UTF8.self) else {
            throw .malformed(file: path, line: nil, reason: "not a UTF-8 text")
        }
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        let columns = lines[0].split(separator: "\t", omittingEmptySubsequences: false)
        guard let fileColumn = columns.firstIndex(of: "file"), let classColumn = columns.firstIndex(of: "class_index")
        else {
            throw .malformed(
                file: path, line: 1, reason: "the header needs the tab-separated columns file and class_index")
        }
        var items: [Dataset.Item] = []
        for (number, line) in lines.enumerated().dropFirst() where !line.isEmpty {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard cells.count > max(fileColumn, classColumn), let label = Int(cells[classColumn]), label >= 0,
                !cells[fileColumn].isEmpty
            else {
                throw .malformed(
                    file: path, line: number + 1, reason: "a file name and a class index from 0 are expected")
            }
            items.append(.init(file: "\(folder)/\(cells[fileColumn])", label: label))
        }
        guard !items.isEmpty else { throw .malformed(file: path, line: nil, reason: "lists no image") }
        return items
    }
}
