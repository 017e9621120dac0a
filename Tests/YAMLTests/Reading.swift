import Diagnostics
import JSON
import YAML

/// The only document of a text.
func document(_ text: String) throws -> YAMLNode {
    let documents = try YAMLReader.documents(in: SourceText(name: "a.yaml", text: text))
    guard documents.count == 1, let first = documents.first else {
        throw WrongNumber(documents: documents.count)
    }
    return first
}

struct WrongNumber: Error { var documents: Int }

/// The errors of a text that must not be accepted.
func mistakes(_ text: String, limits: YAMLLimits = .document) -> [Diagnostic] {
    mistakes(Array(text.utf8), limits: limits)
}

func mistakes(_ bytes: [UInt8], limits: YAMLLimits = .document) -> [Diagnostic] {
    do {
        _ = try YAMLReader.documents(in: bytes, name: "a.yaml", limits: limits)
        return []
    } catch {
        return error.diagnostics
    }
}

/// What a range covers, for ranges within one line.
func covered(_ range: SourceRange?, in text: String) -> String? {
    guard let range, range.start.line == range.end.line,
        let line = SourceText(name: "a.yaml", text: text).line(range.start.line)
    else { return nil }
    return String(
        String.UnicodeScalarView(
            line.unicodeScalars.dropFirst(range.start.column - 1)
                .prefix(range.end.column - range.start.column)))
}
