package import Diagnostics

/// Reads YAML 1.1 as libyaml does, for documents of the kind that Kubernetes uses: keys are scalars,
/// and no key stands twice in one mapping.
package enum YAMLReader {
    /// Documents, and the mistakes that did not stop the reader.
    package struct Content: Sendable {
        /// Documents in which nothing stands are left out.
        package var documents: [YAMLNode]
        /// Errors such as a duplicate key: the first of the two is in the node.
        package var diagnostics: [Diagnostic]
    }

    /// The documents of a text without mistakes. Throws all that is wrong otherwise.
    package static func documents(
        in source: SourceText, limits: YAMLLimits = .document
    ) throws(YAMLError) -> [YAMLNode] {
        try accepted(read(source, limits: limits))
    }

    /// The same from bytes that nobody has looked at yet. Throws, too, where they are not UTF-8.
    package static func documents(
        in bytes: [UInt8], name: String, limits: YAMLLimits = .document
    ) throws(YAMLError) -> [YAMLNode] {
        try accepted(read(bytes, name: name, limits: limits))
    }

    /// Reads on after a mistake where that is possible, for readers that report all at once.
    /// Throws where it is not: a syntax error, or a limit.
    package static func read(
        _ source: SourceText, limits: YAMLLimits = .document
    ) throws(YAMLError) -> Content {
        try compose(Array(source.text.utf8), name: source.name, limits: limits)
    }

    package static func read(
        _ bytes: [UInt8], name: String, limits: YAMLLimits = .document
    ) throws(YAMLError) -> Content {
        if let offset = UTF8Check.firstInvalidByte(of: bytes) {
            let position = SourcePosition(inUTF8: bytes, at: offset)
            throw YAMLError([
                Diagnostic(
                    .yamlSyntax, .error, "the text is not UTF-8",
                    detail: "Byte \(hex(bytes[offset])) at offset \(offset) cannot stand there. "
                        + "Save the file as UTF-8.",
                    at: SourceRange(oneScalarAt: position, in: name))
            ])
        }
        return try compose(bytes, name: name, limits: limits)
    }

    private static func accepted(_ content: Content) throws(YAMLError) -> [YAMLNode] {
        guard content.diagnostics.isEmpty else { throw YAMLError(content.diagnostics) }
        return content.documents
    }

    private static func compose(
        _ bytes: [UInt8], name: String, limits: YAMLLimits
    ) throws(YAMLError) -> Content {
        guard bytes.count <= limits.bytes else {
            throw YAMLError([
                Diagnostic(
                    .yamlTooComplex, .error, "the file is too large to be read",
                    detail: "It has \(bytes.count) bytes; the limit is \(limits.bytes).",
                    at: SourceRange(
                        oneScalarAt: SourcePosition(line: 1, column: 1), in: name))
            ])
        }
        // A byte order mark is no part of the text, so no column counts it.
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard tagDirectives(in: text) <= 100 else {
            throw YAMLError([
                Diagnostic(
                    .yamlTooComplex, .error, "more than 100 %TAG directives",
                    at: SourceRange(
                        oneScalarAt: SourcePosition(line: 1, column: 1), in: name))
            ])
        }
        var composer = YAMLComposer(
            YAMLEventParser(Array(text), file: name), limits: limits, file: name)
        return try composer.content()
    }

    /// libyaml compares each `%TAG` line with all before it: unbounded, a small file could take minutes.
    private static func tagDirectives(in text: ArraySlice<UInt8>) -> Int {
        var count = 0
        var isLineStart = true
        for (index, byte) in zip(text.indices, text) {
            if isLineStart, byte == UInt8(ascii: "%"),
                text[index...].starts(with: "%TAG".utf8)
            {
                count += 1
            }
            isLineStart = byte == 0x0A || byte == 0x0D
        }
        return count
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "0x" + (digits.count == 1 ? "0" : "") + digits
    }
}
