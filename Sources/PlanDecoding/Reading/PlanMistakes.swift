import Diagnostics

/// Collects what is wrong with one plan file while its parts are read. Confined to one call of the
/// decoder, where every part writes into the same list.
final class PlanMistakes {
    private(set) var diagnostics: [Diagnostic]
    private var dropped = 0

    init(_ diagnostics: [Diagnostic] = []) { self.diagnostics = diagnostics }

    /// More than anybody reads; keeps the output of a hostile file small.
    private static let most = 500

    /// - Parameter detail: made only where it is kept: "did you mean" takes its time.
    func report(
        _ code: DiagnosticCode, _ message: String, detail: @autoclosure () -> String = "",
        remedy: String? = nil, at range: SourceRange?
    ) {
        guard diagnostics.count < Self.most else {
            dropped += 1
            return
        }
        diagnostics.append(
            Diagnostic(code, .error, message, detail: detail(), remedy: remedy, at: range))
    }

    /// All mistakes in the order of the file.
    func sorted() -> [Diagnostic] {
        var sorted = diagnostics.inFileOrder
        if dropped > 0, let last = sorted.last {
            sorted.append(
                Diagnostic(
                    last.code, .note, "\(dropped) more mistakes are not shown", at: last.range))
        }
        return sorted
    }
}

extension [Diagnostic] {
    /// Sorted by where they point; those that point nowhere come first.
    var inFileOrder: [Diagnostic] {
        enumerated().sorted { a, b in
            (a.element.line, a.element.column, a.offset)
                < (b.element.line, b.element.column, b.offset)
        }.map(\.element)
    }
}

extension Diagnostic {
    fileprivate var line: Int { range?.start.line ?? 0 }
    fileprivate var column: Int { range?.start.column ?? 0 }
}

/// A user's text between backticks, cut where it is long.
func quote(_ text: String) -> String {
    text.unicodeScalars.count <= 64
        ? "`\(text)`" : "`\(String(text.unicodeScalars.prefix(60)))…`"
}

/// "Did you mean" and what is allowed, for a word that is not.
func allowance(of words: [String], for word: String) -> String {
    let nearest = Suggestion.nearest(to: word, among: words)
    return (nearest.map { "Did you mean `\($0)`? " } ?? "")
        + "Allowed: \(words.joined(separator: ", "))."
}
