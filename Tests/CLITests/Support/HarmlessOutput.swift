import Foundation
import JSON
import Testing
import YAML

/// What holds of everything that is printed, whatever the cluster says. The lists are written down here once
/// more, so that a gap in the program's own is seen.
enum HarmlessOutput {
    private static let hidden: [ClosedRange<UInt32>] = [
        0x00...0x09, 0x0B...0x1F, 0x7F...0x9F, 0xAD...0xAD, 0x61C...0x61C, 0x180E...0x180E,
        0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF...0xFEFF, 0xFFF9...0xFFFB,
        0xE_0000...0xE_0FFF,
    ]

    /// The colours that meshctl itself writes, and the rewriting of a live line.
    private static let own =
        ["0", "1", "2", "31", "32", "33", "1;31", "1;33", "1;36"]
        .map { "\u{1B}[\($0)m" } + ["\r\u{1B}[K"]

    static func expect(_ text: String, _ what: String, isColored: Bool = false) {
        var text = text
        if isColored { for code in own { text.replace(code, with: "") } }
        let bad = text.unicodeScalars.first { scalar in
            hidden.contains { $0.contains(scalar.value) }
        }
        #expect(bad == nil, "\(what): U+\(String(bad?.value ?? 0, radix: 16))")
        for marker in ["##[", "##vso["] {
            #expect(!text.contains(marker), "\(what): \(context(of: marker, in: text))")
        }
        let command = lines(text).first { $0.drop(while: \.isWhitespace).hasPrefix("::") }
        #expect(command == nil, "\(what): \(command?.prefix(200) ?? "")")
    }

    /// Text for people: besides, no word of the cluster begins a line of its own, and lines end.
    static func expectText(_ text: String, _ what: String, isColored: Bool = false) {
        expect(text, what, isColored: isColored)
        let forged = lines(text).first { $0.drop(while: \.isWhitespace).hasPrefix("FORGED") }
        #expect(forged == nil, "\(what): \(forged?.prefix(200) ?? "")")
        let longest = lines(text).map(\.count).max() ?? 0
        #expect(longest < 50_000, "\(what): a line of \(longest)")
    }

    static func expectMarkdown(_ text: String, _ what: String) {
        expectText(text, what)
        var fence: Substring?
        var columns: Int?
        for line in lines(text) {
            let line = line.drop { $0 == " " }
            let ticks = line.prefix { $0 == "`" }
            if let open = fence {
                if ticks.count >= open.count, ticks.count == line.count { fence = nil }
            } else if ticks.count >= 3 {
                fence = ticks
            } else if line.hasPrefix("|") {
                let bars = bars(line)
                #expect(bars == columns ?? bars, "\(what): \(line.prefix(300))")
                columns = bars
            } else {
                columns = nil
            }
            if fence == nil, ticks.count < 3 {
                let html = withoutCode(line).replacing("<br>", with: "")
                #expect(!html.contains("<"), "\(what): \(line.prefix(300))")
                #expect(!html.contains("@all"), "\(what): \(line.prefix(300))")
            }
        }
        #expect(fence == nil, "\(what): a fence is left open")
    }

    static func expectJSON(_ text: String, _ what: String) throws -> JSONValue {
        expect(text, what)
        return try #require(
            try? JSONValue(parsing: Array(text.utf8)), "\(what): \(text.prefix(200))")
    }

    static func expectYAML(_ text: String, _ what: String) throws -> JSONValue {
        expect(text, what)
        let documents = try YAMLReader.documents(in: Array(text.utf8), name: what)
        #expect(documents.count == 1, "\(what)")
        return documents.first?.json() ?? .null
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// GitHub splits a row at bars without a backslash; two backslashes are none.
    private static func bars(_ line: Substring) -> Int {
        var (count, escaped) = (0, false)
        for character in line {
            if character == "|", !escaped { count += 1 }
            escaped = character == "\\" && !escaped
        }
        return count
    }

    private static func withoutCode(_ line: Substring) -> String {
        var (text, isCode, escaped) = ("", false, false)
        for character in line {
            if character == "`", !escaped {
                isCode.toggle()
            } else if !isCode {
                text.append(character)
            }
            escaped = character == "\\" && !escaped && !isCode
        }
        return text
    }

    private static func context(of marker: String, in text: String) -> Substring {
        guard let range = text.range(of: marker) else { return "" }
        return text[range.lowerBound...].prefix(60)
    }
}
