import CLibYAML
import Diagnostics

/// What libyaml says next about a text, in Swift values.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case alias(String)
        case scalar(YAMLScalar)
        case sequenceStart, sequenceEnd
        case mappingStart, mappingEnd
    }

    var kind: Kind
    var anchor: String?
    /// Whether a collection is written in braces or brackets.
    var isFlow = false
    var range: SourceRange
}

/// libyaml's pull parser over a text that it owns.
struct YAMLEventParser: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let event: UnsafeMutablePointer<yaml_event_t>
    /// The text, kept alive and in place: libyaml reads from it until the end.
    private let text: UnsafeMutableBufferPointer<UInt8>
    private let file: String
    private let isUsable: Bool

    init(_ bytes: [UInt8], file: String) {
        self.file = file
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        event = .allocate(capacity: 1)
        event.initialize(to: yaml_event_t())
        text = .allocate(capacity: max(bytes.count, 1))
        text.initialize(repeating: 0)
        _ = text.update(fromContentsOf: bytes)
        isUsable = yaml_parser_initialize(parser) == 1
        if isUsable {
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
        }
    }

    deinit {
        yaml_event_delete(event)
        if isUsable { yaml_parser_delete(parser) }
        event.deallocate()
        parser.deallocate()
        text.deallocate()
    }

    /// Throws a syntax error; nothing can be read after it.
    func next() throws(YAMLError) -> YAMLEvent {
        guard isUsable else { throw outOfMemory }
        yaml_event_delete(event)
        guard yaml_parser_parse(parser, event) == 1 else { throw failure }
        let kind = kind
        return YAMLEvent(
            kind: kind, anchor: anchor, isFlow: isFlow,
            range: SourceRange(
                file: file, start: position(event.pointee.start_mark),
                end: position(event.pointee.end_mark)))
    }

    private var kind: YAMLEvent.Kind {
        let data = event.pointee.data
        switch event.pointee.type {
        case YAML_STREAM_START_EVENT, YAML_NO_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(string(data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let buffer = UnsafeBufferPointer(start: data.scalar.value, count: data.scalar.length)
            return .scalar(
                YAMLScalar(
                    text: String(decoding: buffer, as: UTF8.self),
                    isPlain: data.scalar.style == YAML_PLAIN_SCALAR_STYLE,
                    tag: string(data.scalar.tag),
                    range: SourceRange(
                        file: file, start: position(event.pointee.start_mark),
                        end: position(event.pointee.end_mark))))
        case YAML_SEQUENCE_START_EVENT: return .sequenceStart
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT: return .mappingStart
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return .streamEnd
        }
    }

    private var anchor: String? {
        let data = event.pointee.data
        switch event.pointee.type {
        case YAML_SCALAR_EVENT: return string(data.scalar.anchor)
        case YAML_SEQUENCE_START_EVENT: return string(data.sequence_start.anchor)
        case YAML_MAPPING_START_EVENT: return string(data.mapping_start.anchor)
        default: return nil
        }
    }

    private var isFlow: Bool {
        let data = event.pointee.data
        switch event.pointee.type {
        case YAML_SEQUENCE_START_EVENT:
            return data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
        case YAML_MAPPING_START_EVENT:
            return data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
        default: return false
        }
    }

    private func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        text.map { String(cString: $0) }
    }

    /// libyaml counts from 0.
    private func position(_ mark: yaml_mark_t) -> SourcePosition {
        SourcePosition(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}

extension YAMLEventParser {
    private var outOfMemory: YAMLError {
        YAMLError([Diagnostic(.yamlTooComplex, .error, "not enough memory to read `\(file)`")])
    }

    private var failure: YAMLError {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "cannot be read"
        switch state.error {
        case YAML_MEMORY_ERROR:
            return outOfMemory
        case YAML_READER_ERROR:
            return controlCharacter(state)
        default:
            let place = position(state.problem_mark)
            var detail = ""
            if let context = state.context {
                detail =
                    "It came up \(String(cString: context)), "
                    + "which starts at line \(state.context_mark.line + 1)."
            }
            if byte(at: place) == 0x09 {
                detail = "YAML does not allow tabs there. Indent with spaces."
            }
            return YAMLError([
                Diagnostic(
                    .yamlSyntax, .error, "not valid YAML: \(problem)", detail: detail,
                    at: SourceRange(oneScalarAt: place, in: file))
            ])
        }
    }

    /// The text is UTF-8 by now, so all that libyaml's reader can refuse is a character YAML has not.
    private func controlCharacter(_ state: yaml_parser_t) -> YAMLError {
        let place = SourcePosition(inUTF8: Array(text), at: state.problem_offset)
        let code = String(UInt32(bitPattern: state.problem_value), radix: 16, uppercase: true)
        let padded = String(repeating: "0", count: max(0, 4 - code.count)) + code
        return YAMLError([
            Diagnostic(
                .yamlSyntax, .error, "the character U+\(padded) is not allowed in YAML",
                detail: "Remove it, or write it as an escape inside double quotes.",
                at: SourceRange(oneScalarAt: place, in: file))
        ])
    }

    /// The byte at a line and column whose line is ASCII up to there; enough to recognise a tab.
    private func byte(at place: SourcePosition) -> UInt8? {
        var line = 1
        var start = 0
        for (index, byte) in text.enumerated() where byte == 0x0A {
            if line == place.line { break }
            line += 1
            start = index + 1
        }
        let index = start + place.column - 1
        return line == place.line && index < text.count ? text[index] : nil
    }
}
