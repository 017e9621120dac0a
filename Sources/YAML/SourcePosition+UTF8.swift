import Diagnostics

extension SourcePosition {
    /// The place of a byte in a text, counted as libyaml counts lines and columns.
    init(inUTF8 bytes: [UInt8], at offset: Int) {
        self.init(line: 1, column: 1)
        let before = String(decoding: bytes[..<Swift.min(offset, bytes.count)], as: UTF8.self)
        var previous: Unicode.Scalar?
        for scalar in before.unicodeScalars {
            if scalar == "\n", previous == "\r" {
                // The second half of a line break that is counted already.
            } else if SourceText.lineBreaks.contains(scalar) {
                line += 1
                column = 1
            } else if scalar != "\u{FEFF}" || previous != nil {
                column += 1
            }
            previous = scalar
        }
    }
}

extension SourceRange {
    /// The single character at a place.
    init(oneScalarAt position: SourcePosition, in file: String) {
        self.init(
            file: file, start: position,
            end: SourcePosition(line: position.line, column: position.column + 1))
    }
}
