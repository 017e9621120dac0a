/// `meshctl explain TEXT`: what the manual says about a code or an error text.
package struct ManualReport: Report {
    package struct Section: Encodable, Sendable, Hashable {
        /// `docs/errors.md`
        package var page: String
        package var chapter: String
        package var title: String
        /// As the page has it, in Markdown.
        package var text: String

        init(_ section: ManualSection) {
            page = section.page
            chapter = section.chapter
            title = section.title
            text = section.body.joined(separator: "\n")
        }
    }

    package let formatVersion = "1.0"
    package let kind = "ManualExplanation"
    /// As asked.
    package var asked: String
    package var sections: [Section]
    /// Titles of sections that fit less well.
    package var others: [String]

    package init(asked: String, _ search: ManualSearch) {
        self.asked = asked
        sections = search.sections.map(Section.init)
        others = search.others.map(\.title)
    }
}

extension ManualReport {
    package var document: TextDocument {
        var document = TextDocument()
        for section in sections {
            document.addGap()
            document.add(
                TextLine(section.title, .bold)
                    + TextLine("  (\(section.page), \(section.chapter))", .dim))
            document.addGap()
            for line in ManualText.lines(section.text) { document.add(line, indent: 2) }
        }
        if !others.isEmpty {
            document.addHeading("See also")
            for title in others { document.add(TextLine("meshctl explain '\(title)'"), indent: 2) }
        }
        return document
    }

    package var markdown: String {
        sections.map { "## \($0.title)\n\n\($0.text)\n" }.joined(separator: "\n")
    }
}

/// A page's Markdown for a terminal: the lines stay as the page breaks them.
enum ManualText {
    static func lines(_ markdown: String) -> [TextLine] {
        var lines: [TextLine] = []
        var isCode = false
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isCode.toggle()
            } else {
                lines.append(isCode ? TextLine("  " + line) : styled(withoutLinks(String(line))))
            }
        }
        return lines
    }

    /// `[flows.md](flows.md)` becomes `docs/flows.md`; of other links the text stays.
    private static func withoutLinks(_ line: String) -> String {
        line.replacing(/\[([^\]]*)\]\(([^)\s]*)\)/) { match in
            let target = String(match.2)
            return target.contains("://") || !target.contains(".md")
                ? String(match.1) : "docs/\(target)"
        }
    }

    /// `**bold**` in bold; an asterisk without its pair stays as it is.
    private static func styled(_ line: String) -> TextLine {
        let parts = line.components(between: "**")
        guard parts.count > 1, parts.count % 2 == 1 else { return TextLine(line) }
        return parts.enumerated().reduce(TextLine()) { line, part in
            line + TextLine(part.element, part.offset % 2 == 1 ? .bold : .plain)
        }
    }
}

extension String {
    /// The parts between the marks, empty ones too.
    fileprivate func components(between mark: String) -> [String] {
        split(separator: mark, omittingEmptySubsequences: false).map(String.init)
    }
}
