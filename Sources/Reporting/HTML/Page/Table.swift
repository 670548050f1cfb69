/// A table in a box of its own that scrolls when the page is too narrow for it.
struct Table {
    /// One line above it that says what it shows.
    var caption: HTML
    var columns: [Column]
    var rows: [[Cell]] = []

    struct Column {
        enum Kind { case text, wide, number, chart }

        var title: HTML
        var kind = Kind.number
    }

    struct Cell {
        var content: HTML
        /// What the column is sorted by; the text when it is nil.
        var key: Double?

        init(_ content: HTML, key: Double? = nil) {
            self.content = content
            self.key = key
        }

        static let missing = Cell("–")

        /// A number, or a dash.
        init<Value: BinaryInteger>(_ value: Value?, _ format: (Value) -> String) {
            self = value.map { Cell("\(format($0))", key: Double($0)) } ?? .missing
        }

        init(_ value: Double?, _ format: (Double) -> String) {
            self = value.map { Cell("\(format($0))", key: $0) } ?? .missing
        }
    }

    /// The table without the columns in which every cell is missing.
    var html: HTML {
        let kept = columns.indices.filter { column in
            columns[column].kind == .chart || rows.contains { $0[column].content.text != Cell.missing.content.text }
        }
        let header = kept.map { column -> HTML in
            "<th scope=\"col\"\(style(column))>\(columns[column].title)</th>"
        }
        let body = rows.map { row -> HTML in
            let cells = kept.map { column -> HTML in
                let key: HTML = row[column].key.map { " data-key=\"\("\($0)")\"" } ?? ""
                let content = row[column].content
                return column == 0
                    ? "<th scope=\"row\"\(key)>\(content)</th>" : "<td\(style(column))\(key)>\(content)</td>"
            }
            return "<tr>\(cells)</tr>\n"
        }
        return """
            <figure class="table">
            <figcaption>\(caption)</figcaption>
            <div class="scroll" role="region" tabindex="0" aria-label="Table">
            <table\(rows.count > 1 ? " class=\"sortable\"" : "" as HTML)>
            <thead><tr>\(header)</tr></thead>
            <tbody>
            \(body)</tbody>
            </table>
            </div>
            </figure>

            """
    }

    private func style(_ column: Int) -> HTML {
        switch columns[column].kind {
        case .text: ""
        case .wide: " class=\"wide\""
        case .number: " class=\"number\""
        case .chart: " class=\"chart\""
        }
    }
}
