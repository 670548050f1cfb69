/// A table in plain text: the first column to the left, the others to the right.
package struct TextTable {
    private var rows: [[String]]
    private let leading: Set<Int>

    /// `leading` are the columns that are set to the left besides the first.
    package init(header: [String], leading: Set<Int> = []) {
        rows = [header]
        self.leading = leading.union([0])
    }

    package mutating func add(_ row: [String]) { rows.append(row.map(Format.line)) }

    package var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += (column > 0 ? "  " : "") + (leading.contains(column) ? cell + padding : padding + cell)
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
