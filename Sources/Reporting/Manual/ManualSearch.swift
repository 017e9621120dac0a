import Diagnostics

/// Finds the sections of the manual that a code, or a text out of a log, is about.
package struct ManualSearch: Sendable {
    /// The answer to what was asked; several where one word is a code of several pages.
    package var sections: [ManualSection] = []
    /// Other sections that fit less well.
    package var others: [ManualSection] = []
    /// The nearest code or text where nothing fits.
    package var suggestion: String?

    /// The codes and reasons of all pages, for completion.
    package static var codes: [String] {
        Set(
            ManualPage.all.flatMap(\.sections).map(\.title).filter {
                $0.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil
            }
        ).sorted()
    }

    /// A line of a log has a few hundred characters; more would only cost time.
    private static let longestText = 65_536

    package init(_ text: String, in pages: [ManualPage] = ManualPage.all) {
        let wanted = Self.normalized(String(text.prefix(Self.longestText)))
        let all = pages.flatMap(\.sections)
        guard !wanted.isEmpty else { return }
        let named = all.filter { Self.normalized($0.title) == wanted }
        if !named.isEmpty {
            sections = named
            return
        }
        // In the order of the page: the first that the line contains, else the first that it is a part of.
        let found =
            all.filter { Self.words(of: $0).contains { Self.contains(wanted, $0) } }
            + all.filter { Self.words(of: $0).contains { Self.contains($0, wanted) } }
        var seen: Set<ManualSection> = []
        let unique = found.filter { seen.insert($0).inserted }
        sections = Array(unique.prefix(1))
        others = Array(unique.dropFirst())
        if unique.isEmpty {
            suggestion = Suggestion.nearest(
                to: String(text.prefix(200)), among: all.flatMap { [$0.title] + $0.texts })
        }
    }

    /// The texts of a section that a line may contain; of a page of codes the code alone, and only as a whole.
    private static func words(of section: ManualSection) -> [String] {
        section.texts.isEmpty ? [] : (section.texts + [section.title]).map(normalized)
    }

    /// In lower case, with single spaces, and without the quotes that a shell or a log puts around.
    private static func normalized(_ text: String) -> String {
        text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .trimmingQuotes
    }

    /// Whether the part is there as whole words: `UC` is in `503 UC`, and not in `bucket`.
    private static func contains(_ text: String, _ part: String) -> Bool {
        guard part.utf8.count >= 2 else { return false }
        let (text, part) = (Array(text.utf8), Array(part.utf8))
        guard text.count >= part.count else { return false }
        var start = 0
        while start + part.count <= text.count {
            defer { start += 1 }
            guard text[start] == part[0], text[start..<(start + part.count)].elementsEqual(part)
            else { continue }
            let end = start + part.count
            let beginsWord = start == 0 || !isInWord(text[start - 1], part[0])
            let endsWord = end == text.count || !isInWord(part[part.count - 1], text[end])
            if beginsWord, endsWord { return true }
        }
        return false
    }

    /// Whether two neighbours belong to one word.
    private static func isInWord(_ a: UInt8, _ b: UInt8) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool {
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte >= 0x80
        }
        return isLetter(a) && isLetter(b)
    }
}

extension String {
    fileprivate var trimmingQuotes: String {
        let quotes: Set<Character> = ["\"", "'", "`"]
        return String(
            drop { quotes.contains($0) }.reversed().drop { quotes.contains($0) }.reversed())
    }
}
