/// A page of `docs/` that is part of the binary, so that it can be asked offline.
package struct ManualPage: Sendable {
    /// `docs/errors.md`
    package let name: String
    package let text: String
    package let sections: [ManualSection]

    package init(name: String, text: String) {
        self.name = name
        self.text = text
        sections = Self.sections(of: text, page: name)
    }

    /// The pages that `meshctl explain TEXT` looks into.
    package static let all = [
        ManualPage(name: "docs/diagnostics.md", text: DiagnosticsPage.text),
        ManualPage(name: "docs/flows.md", text: FlowsPage.text),
        ManualPage(name: "docs/errors.md", text: ErrorsPage.text),
    ]

    /// A section is a heading of the second level, or a row of a table of reasons.
    private static func sections(of text: String, page: String) -> [ManualSection] {
        var sections: [ManualSection] = []
        var chapter = ""
        var open: (title: String, lines: [String])?
        func close() {
            guard let found = open else { return }
            sections.append(
                ManualSection(
                    page: page, chapter: chapter, title: found.title, lines: found.lines))
            open = nil
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("# ") {
                close()
                chapter = String(line.dropFirst(2))
            } else if line.hasPrefix("## ") {
                close()
                open = (String(line.dropFirst(3)), [])
            } else if open != nil {
                open?.lines.append(line)
            } else if let row = reasonRow(line, page: page, chapter: chapter) {
                sections.append(row)
            }
        }
        close()
        return sections
    }

    /// ``| `host-network` | no | the pod is on the host network |``, in a table whose middle column says yes or no.
    private static func reasonRow(
        _ line: String, page: String, chapter: String
    ) -> ManualSection? {
        guard let row = line.wholeMatch(of: /\| `([a-z-]+)` \| (yes|no) \| (.+) \|/) else {
            return nil
        }
        let sentence = "\(chapter): \(row.2): \(row.3)."
        return ManualSection(
            page: page, chapter: chapter, title: String(row.1), lines: ["", sentence])
    }
}

/// One section of a page of the manual.
package struct ManualSection: Sendable, Hashable {
    package var page: String
    /// The heading of the first level above it.
    package var chapter: String
    package var title: String
    /// The texts that lead to it, besides the title: what the list directly below the title shows as code.
    package var texts: [String]
    /// What is below the title, without that list and without empty lines at either end.
    package var body: [String]

    init(page: String, chapter: String, title: String, lines: [String]) {
        self.page = page
        self.chapter = chapter
        self.title = title
        var rest = lines.drop(while: \.isEmpty)
        let list = rest.prefix { $0.hasPrefix("- `") }
        let isList = !list.isEmpty && page.hasSuffix("errors.md")
        texts = isList ? list.flatMap { $0.matches(of: /`([^`]+)`/).map { String($0.1) } } : []
        if isList { rest = rest.dropFirst(list.count) }
        body = Array(rest.drop(while: \.isEmpty).reversed().drop(while: \.isEmpty).reversed())
    }
}
