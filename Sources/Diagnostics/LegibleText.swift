extension Unicode.Scalar {
    /// Whether a reader sees it, where it stands. Not so are controls, and with them all that begins an
    /// escape sequence; what turns the direction of text; separators of lines and paragraphs; and what nobody
    /// sees, such as zero-width spaces and tags.
    ///
    /// Source: Unicode's general categories and `Default_Ignorable_Code_Point`. The two selectors between the
    /// text and the emoji form of a character are let through: they hide nothing.
    package var isLegible: Bool {
        if isASCII { return (0x20...0x7E).contains(value) }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return false
        default:
            return !properties.isDefaultIgnorableCodePoint || (0xFE0E...0xFE0F).contains(value)
        }
    }
}
