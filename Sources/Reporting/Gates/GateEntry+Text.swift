extension TextDocument {
    /// `✓ namespace shop: 4 of 4 pods`, with what is behind it where it does not pass.
    ///
    /// - Parameter isNamed: whether the line begins with the gate's name.
    mutating func add(_ finding: GateEntry, indent: Int = 0, isNamed: Bool = false) {
        let (symbol, style) = finding.mark
        let name = isNamed ? "\(finding.gate): " : ""
        add(
            TextLine(symbol + " ", style)
                + TextLine("\(name)\(finding.subject): \(finding.reason)"), indent: indent)
        let inner = indent + 4
        if let accepted = finding.accepted {
            add(TextLine("accepted: \(accepted)", .dim), indent: inner)
        }
        guard finding.verdict != "pass", finding.accepted == nil else { return }
        for line in finding.evidence { add(TextLine(line, .dim), indent: inner) }
        if let hint = finding.hint { add(TextLine(hint), indent: inner) }
        if let command = finding.command { add(TextLine("$ " + command), indent: inner) }
    }
}

extension GateEntry {
    fileprivate var mark: (String, TextStyle) {
        switch (verdict, accepted) {
        case ("pass", _): ("✓", .green)
        case ("fail", _): ("×", .red)
        case (_, nil): ("?", .yellow)
        default: ("‼", .yellow)
        }
    }
}
