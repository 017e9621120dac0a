import Foundation

/// The checkout that these tests were compiled from.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The folders of `Sources`: one for each target.
    static func targets() throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: root.appendingPathComponent("Sources").path
        ).filter { !$0.hasPrefix(".") }.sorted()
    }

    static func sources(of target: String) throws -> [SourceFile] {
        let folder = root.appendingPathComponent("Sources/\(target)")
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap {
            $0 as? String
        }
        return try (paths ?? []).filter { $0.hasSuffix(".swift") }.sorted().map { path in
            SourceFile(
                path: "Sources/\(target)/\(path)",
                code: withoutComments(
                    try String(
                        contentsOf: folder.appendingPathComponent(path), encoding: .utf8)))
        }
    }
}

struct SourceFile {
    /// From the root of the checkout.
    var path: String
    /// Its text without comments.
    var code: String

    /// The modules it imports, whatever the access level and the attributes of the import.
    var imports: [String] {
        code.split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count,
                words[..<keyword].allSatisfy({
                    importModifiers.contains(String($0)) || $0.hasPrefix("@")
                })
            else { return nil }
            let kinds: Set = [
                "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
            ]
            let named = words[(keyword + 1)...].first { !kinds.contains(String($0)) }
            return named.map { String($0.prefix { $0 != "." && $0 != ";" }) }
        }
    }

    /// The 1-based lines on which `token` stands as a word of its own.
    func lines(with token: String) -> [Int] {
        code.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .filter { contains(token, in: String($0.element)) }.map { $0.offset + 1 }
    }

    private func contains(_ token: String, in line: String) -> Bool {
        var rest = line[...]
        while let range = rest.range(of: token) {
            let before = line[..<range.lowerBound].last
            let isWordStart = token.first.map(isWord) ?? false
            if !isWordStart || !(before.map(isWord) ?? false) { return true }
            rest = line[range.upperBound...]
        }
        return false
    }

    private func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}

private let importModifiers: Set = ["public", "package", "internal", "fileprivate", "private"]

/// Swift text with its comments blanked out, lines kept. Text in string literals stays.
func withoutComments(_ text: String) -> String {
    var result = ""
    var depth = 0
    var (inString, inLineComment) = (false, false)
    var characters = Array(text.unicodeScalars)[...]
    while let character = characters.popFirst() {
        let next = characters.first
        if character == "\n" {
            (inString, inLineComment) = (false, false)
            result.unicodeScalars.append(character)
        } else if inLineComment {
            continue
        } else if depth > 0 {
            if character == "*", next == "/" {
                depth -= 1
                characters.removeFirst()
            } else if character == "/", next == "*" {
                depth += 1
                characters.removeFirst()
            }
        } else if inString {
            result.unicodeScalars.append(character)
            if character == "\\", let escaped = characters.popFirst() {
                result.unicodeScalars.append(escaped)
            } else if character == "\"" {
                inString = false
            }
        } else if character == "/", next == "/" {
            inLineComment = true
        } else if character == "/", next == "*" {
            depth = 1
            characters.removeFirst()
        } else {
            inString = character == "\""
            result.unicodeScalars.append(character)
        }
    }
    return result
}
