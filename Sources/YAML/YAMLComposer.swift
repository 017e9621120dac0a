import Diagnostics

/// Builds nodes from libyaml's events: expands aliases, merges `<<`, finds duplicate keys, keeps limits.
struct YAMLComposer: ~Copyable {
    private struct Anchor {
        var node: YAMLNode
        /// Nodes in it, aliases inside it expanded.
        var size: Int
    }

    private let parser: YAMLEventParser
    private let limits: YAMLLimits
    private let file: String
    private var anchors: [String: Anchor] = [:]
    private var nodes = 0
    private var aliasedNodes = 0
    private var diagnostics: [Diagnostic] = []
    /// Where the node read last ends: an alias where it is written, not where its anchor is.
    private var lastEnd = SourcePosition(line: 1, column: 1)

    /// Past this many mistakes the rest is of no use to anyone.
    private static let mostDiagnostics = 100

    init(_ parser: consuming YAMLEventParser, limits: YAMLLimits, file: String) {
        self.parser = parser
        self.limits = limits
        self.file = file
    }

    mutating func content() throws(YAMLError) -> YAMLReader.Content {
        var documents: [YAMLNode] = []
        while true {
            switch try next().kind {
            case .streamEnd:
                return YAMLReader.Content(documents: documents, diagnostics: diagnostics)
            case .documentStart:
                anchors.removeAll(keepingCapacity: true)
                let root = try node(try next(), depth: 1)
                if !root.isNothing { documents.append(root) }
            default:
                continue
            }
        }
    }

    private func next() throws(YAMLError) -> YAMLEvent {
        do {
            return try parser.next()
        } catch {
            throw YAMLError(diagnostics + error.diagnostics)
        }
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        lastEnd = event.range.end
        if case .alias(let name) = event.kind { return try expanded(alias: name, at: event.range) }
        let before = nodes
        try count(1, at: event.range)
        let node: YAMLNode
        switch event.kind {
        case .scalar(let scalar):
            if let mistake = scalar.tagMistake { try report(mistake) }
            node = .scalar(scalar)
        case .sequenceStart:
            try checkDepth(depth, at: event.range)
            node = .sequence(try sequence(from: event, depth: depth))
        default:
            try checkDepth(depth, at: event.range)
            node = .mapping(try mapping(from: event, depth: depth))
        }
        if let name = event.anchor { anchors[name] = Anchor(node: node, size: nodes - before) }
        return node
    }

    private mutating func sequence(
        from start: YAMLEvent, depth: Int
    ) throws(YAMLError) -> YAMLSequence {
        var items: [YAMLNode] = []
        var event = try next()
        while !event.isEnd {
            items.append(try node(event, depth: depth + 1))
            event = try next()
        }
        return YAMLSequence(items: items, range: range(from: start, to: event))
    }

    private mutating func mapping(
        from start: YAMLEvent, depth: Int
    ) throws(YAMLError) -> YAMLMapping {
        var pairs = YAMLPairs()
        var event = try next()
        while !event.isEnd {
            let key = try node(event, depth: depth + 1)
            let value = try node(try next(), depth: depth + 1)
            if case .scalar(let name) = key {
                try add(name, value, to: &pairs)
            } else {
                try report(
                    Diagnostic(
                        .yamlSyntax, .error,
                        "a key must be a simple value, not a list or a mapping",
                        at: event.range))
            }
            event = try next()
        }
        return YAMLMapping(entries: pairs.merged, range: range(from: start, to: event))
    }

    private mutating func add(
        _ key: YAMLScalar, _ value: YAMLNode, to pairs: inout YAMLPairs
    ) throws(YAMLError) {
        if let first = pairs.add(key, value) {
            try report(
                Diagnostic(
                    .duplicateKey, .error, "the key `\(key.text)` stands twice in one mapping",
                    detail: "It is first set at line \(first.start.line), "
                        + "column \(first.start.column). Keep one of the two.",
                    at: key.range))
        } else if key.isMergeKey, !pairs.merge(value) {
            try report(
                Diagnostic(
                    .yamlSyntax, .error, "`<<` merges mappings, and this is none",
                    detail: "Give it an alias of a mapping, or a list of such aliases.",
                    at: value.range))
        }
    }

    /// A collection in braces ends with its brace, any other with its last node: libyaml ends it
    /// only where the next thing starts.
    private mutating func range(from start: YAMLEvent, to end: YAMLEvent) -> SourceRange {
        if start.isFlow { lastEnd = end.range.end }
        return SourceRange(file: file, start: start.range.start, end: lastEnd)
    }
}

extension YAMLComposer {
    private mutating func expanded(
        alias name: String, at range: SourceRange
    ) throws(YAMLError) -> YAMLNode {
        guard let anchor = anchors[name] else {
            try report(
                Diagnostic(
                    .yamlSyntax, .error, "the alias `*\(name)` has no anchor `&\(name)` before it",
                    at: range))
            return .scalar(YAMLScalar(text: "", isPlain: true, range: range))
        }
        aliasedNodes += anchor.size
        guard aliasedNodes <= limits.aliasedNodes else {
            throw tooComplex(
                "aliases expand to more than \(limits.aliasedNodes) values", at: range)
        }
        try count(anchor.size, at: range)
        return anchor.node
    }

    private mutating func count(_ more: Int, at range: SourceRange) throws(YAMLError) {
        nodes += more
        guard nodes <= limits.nodes else {
            throw tooComplex("the file holds more than \(limits.nodes) values", at: range)
        }
    }

    private func checkDepth(_ depth: Int, at range: SourceRange) throws(YAMLError) {
        guard depth <= limits.depth else {
            throw tooComplex("values are nested deeper than \(limits.depth) levels", at: range)
        }
    }

    private func tooComplex(_ message: String, at range: SourceRange) -> YAMLError {
        YAMLError(diagnostics + [Diagnostic(.yamlTooComplex, .error, message, at: range)])
    }

    private mutating func report(_ diagnostic: Diagnostic) throws(YAMLError) {
        diagnostics.append(diagnostic)
        if diagnostics.count >= Self.mostDiagnostics { throw YAMLError(diagnostics) }
    }
}

extension YAMLEvent {
    fileprivate var isEnd: Bool {
        switch kind {
        case .sequenceEnd, .mappingEnd: true
        default: false
        }
    }
}

extension YAMLNode {
    /// Whether it is a document with nothing in it, as after a last `---`.
    fileprivate var isNothing: Bool {
        guard case .scalar(let scalar) = self else { return false }
        return scalar.text.isEmpty && scalar.isPlain && scalar.tag == nil
    }
}
