import Diagnostics
package import JSON
import YAML

/// What a command tells: one model, from which every output format is made, so that text and JSON
/// cannot disagree.
package protocol Report: Encodable, Sendable {
    /// Raised in its minor part by additions, in its major part by anything else.
    var formatVersion: String { get }
    var kind: String { get }

    /// The text for people, built from the model alone.
    var document: TextDocument { get }

    /// For a pull request or a wiki.
    var markdown: String { get }
}

package enum ReportFormat: String, Sendable, CaseIterable {
    case text, json, yaml, markdown
}

extension JSONValue {
    /// What a report or an entry of one holds: strings, numbers and lists of them, which JSON can always say.
    init(reporting entry: some Encodable) { self = (try? JSONValue(encoding: entry)) ?? .null }
}

extension Report {
    package var json: JSONValue { JSONValue(reporting: self) }

    /// The whole output, ending with a line break.
    package func rendered(as format: ReportFormat, color: Bool = false) -> String {
        switch format {
        case .text: document.text(color: color)
        case .json: ReportJSON.text(json) + "\n"
        case .yaml: YAMLWriter.text(json)
        case .markdown: markdown
        }
    }

    /// The text as it stands, for reports that have no Markdown of their own.
    package var markdown: String { Markdown.fenced(document.text(color: false)) }
}

enum ReportJSON {
    /// Pretty JSON that is safe on a terminal and in a CI system's log: what a reader would not see, which
    /// JSON allows inside strings, and the second of two `#` are written as escapes. The document stays the same.
    static func text(_ value: JSONValue) -> String {
        var text = ""
        var last: Unicode.Scalar = " "
        for scalar in value.prettyText.unicodeScalars {
            // Line feeds inside strings are escapes already.
            if scalar == "\n" || scalar.isLegible && !(scalar == "#" && last == "#") {
                text.unicodeScalars.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
            last = scalar
        }
        return text
    }
}

/// An optional that is written as `null` where it is empty, so that a member never goes missing.
@propertyWrapper
package struct OrNull<Value: Encodable & Sendable & Hashable>: Encodable, Sendable, Hashable {
    package var wrappedValue: Value?

    package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue {
            try container.encode(wrappedValue)
        } else {
            try container.encodeNil()
        }
    }
}
