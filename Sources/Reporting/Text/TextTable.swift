/// Rows with aligned columns, two spaces apart, without rules (`docs/decisions/0006-tables.md`).
struct TextTable {
    enum Alignment { case left, right }

    private enum Row {
        case cells([TextLine])
        /// A line across all columns; it does not widen them.
        case line(TextLine)
    }

    private let alignments: [Alignment]
    private var rows: [Row] = []

    /// Cells wider than this stick out of their column instead of widening it for every row.
    private static let widest = 60

    /// - Parameter alignments: of the first columns; the others are left-aligned.
    init(_ alignments: [Alignment] = []) { self.alignments = alignments }

    init(header: [String], alignments: [Alignment] = []) {
        self.init(alignments)
        add(header.map { TextLine($0, .bold) })
    }

    mutating func add(_ cells: [TextLine]) { rows.append(.cells(cells)) }

    mutating func add(line: TextLine) { rows.append(.line(line)) }

    var lines: [TextLine] {
        let widths = widths
        return rows.map { row in
            switch row {
            case .line(let line): line
            case .cells(let cells): Self.line(cells, widths: widths, alignments: alignments)
            }
        }
    }

    private var widths: [Int] {
        var widths: [Int] = []
        for case .cells(let cells) in rows {
            for (column, cell) in cells.enumerated() {
                if column == widths.count { widths.append(0) }
                if cell.width <= Self.widest { widths[column] = max(widths[column], cell.width) }
            }
        }
        return widths
    }

    private static func line(
        _ cells: [TextLine], widths: [Int], alignments: [Alignment]
    ) -> TextLine {
        var line = TextLine()
        // Spaces that are owed: written only when something follows, so that no line ends with any.
        var owed = 0
        for (column, cell) in cells.enumerated() {
            let padding = max(0, widths[column] - cell.width)
            let isRight = column < alignments.count && alignments[column] == .right
            if !cell.isEmpty {
                let spaces = owed + (isRight ? padding : 0)
                line = line + TextLine(String(repeating: " ", count: spaces)) + cell
                owed = 0
            }
            owed += 2 + (cell.isEmpty || !isRight ? padding : 0)
        }
        return line
    }
}
