import Diagnostics

/// A diagnostic of a plan: an error blocks it, a warning and a note do not.
package struct HazardEntry: Encodable, Sendable, Hashable {
    package struct Location: Encodable, Sendable, Hashable {
        package var file: String
        package var line: Int
        package var column: Int
    }

    package var code: String
    package var severity: String
    package var message: String
    /// Why, and what to do; empty when the message says it all.
    package var detail: String
    /// Lines to copy.
    @OrNull package var remedy: String?
    @OrNull package var location: Location?

    init(_ diagnostic: Diagnostic) {
        code = diagnostic.code.rawValue
        severity = diagnostic.severity.rawValue
        message = diagnostic.message
        detail = diagnostic.detail
        _remedy = OrNull(wrappedValue: diagnostic.remedy)
        _location = OrNull(
            wrappedValue: diagnostic.range.map {
                Location(file: $0.file, line: $0.start.line, column: $0.start.column)
            })
    }

    var isError: Bool { severity == Diagnostic.Severity.error.rawValue }
}

extension TextDocument {
    /// As `DiagnosticRenderer` writes them: place, severity, message and code, then the reason and, on
    /// lines of their own, what to copy.
    mutating func add(_ hazards: [HazardEntry]) {
        for hazard in hazards {
            addGap()
            let place = hazard.location.map { "\($0.file):\($0.line):\($0.column): " } ?? ""
            add(
                TextLine(place, .bold) + TextLine(hazard.severity + ":", Self.style(of: hazard))
                    + TextLine(" \(hazard.message) [\(hazard.code)]"))
            if !hazard.detail.isEmpty { add(block: hazard.detail, indent: 2) }
            if let remedy = hazard.remedy { add(block: remedy, indent: 4) }
        }
    }

    private static func style(of hazard: HazardEntry) -> TextStyle {
        switch hazard.severity {
        case "error": .red
        case "warning": .yellow
        default: .bold
        }
    }
}

extension Markdown {
    static func list(_ hazards: [HazardEntry]) -> String {
        hazards.map { hazard in
            var text = "- **\(hazard.severity)** \(code(hazard.code)): \(escaped(hazard.message))"
            if let place = hazard.location {
                text += " (\(code("\(place.file):\(place.line):\(place.column)")))"
            }
            if !hazard.detail.isEmpty { text += "  \n  \(escapedLine(hazard.detail))" }
            text += "\n"
            if let remedy = hazard.remedy {
                let lines = fenced(remedy).split(separator: "\n", omittingEmptySubsequences: false)
                text += "\n" + lines.map { $0.isEmpty ? "" : "  \($0)" }.joined(separator: "\n")
            }
            return text
        }.joined()
    }
}
