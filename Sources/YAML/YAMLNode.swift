package import Diagnostics

/// One node of a YAML document, with where it stands in its file.
///
/// Aliases are expanded and merge keys are merged; an expanded node keeps the place of its anchor.
package indirect enum YAMLNode: Sendable, Hashable {
    case scalar(YAMLScalar)
    case sequence(YAMLSequence)
    case mapping(YAMLMapping)

    package var range: SourceRange {
        switch self {
        case .scalar(let scalar): scalar.range
        case .sequence(let sequence): sequence.range
        case .mapping(let mapping): mapping.range
        }
    }
}

/// A text as it stands in the file, before anyone asks whether it is a number or a boolean.
package struct YAMLScalar: Sendable, Hashable {
    /// The text after unquoting, unescaping and folding.
    package var text: String
    /// Whether it is written without quotes, so that `true` is a boolean and `3` a number.
    package var isPlain: Bool
    /// An explicit tag in its long form, such as `tag:yaml.org,2002:str` for `!!str`.
    package var tag: String?
    /// The text with its quotes; empty, between two characters, where nothing is written.
    package var range: SourceRange

    package init(text: String, isPlain: Bool, tag: String? = nil, range: SourceRange) {
        self.text = text
        self.isPlain = isPlain
        self.tag = tag
        self.range = range
    }
}

package struct YAMLSequence: Sendable, Hashable {
    package var items: [YAMLNode]
    package var range: SourceRange

    package init(items: [YAMLNode], range: SourceRange) {
        self.items = items
        self.range = range
    }
}

/// Pairs in the order of the file; no two keys have the same text.
package struct YAMLMapping: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package var key: YAMLScalar
        package var value: YAMLNode

        package init(key: YAMLScalar, value: YAMLNode) {
            self.key = key
            self.value = value
        }
    }

    package var entries: [Entry]
    package var range: SourceRange

    package init(entries: [Entry], range: SourceRange) {
        self.entries = entries
        self.range = range
    }

    package subscript(_ key: String) -> YAMLNode? {
        entries.first { $0.key.text == key }?.value
    }
}
