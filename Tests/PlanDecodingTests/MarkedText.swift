import Diagnostics

/// A text with places marked by the keycaps 1️⃣ to 9️⃣, which are taken out of it.
struct MarkedText {
    let source: SourceText
    private(set) var marks: [SourcePosition: String] = [:]

    init(_ marked: String, name: String = "plan.yaml") {
        var text = ""
        var position = SourcePosition(line: 1, column: 1)
        for character in marked {
            if character.unicodeScalars.last == "\u{20E3}" {
                marks[position] = String(character)
                continue
            }
            text.append(character)
            if character == "\n" {
                position = SourcePosition(line: position.line + 1, column: 1)
            } else {
                position.column += character.unicodeScalars.count
            }
        }
        source = SourceText(name: name, text: text)
    }

    /// The mark at which a diagnostic points, or its place where there is no mark.
    func mark(of diagnostic: Diagnostic) -> String {
        guard let start = diagnostic.range?.start else { return "nowhere" }
        return marks[start] ?? "\(start.line):\(start.column)"
    }
}
