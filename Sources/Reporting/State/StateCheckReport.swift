/// `meshctl state check`: what was asked of the state file, and what was found.
package struct StateCheckReport: Report {
    package let formatVersion = "1.0"
    package let kind = "StateCheck"
    package var path: String
    package var passed: Bool
    /// Its contents are not what meshctl wrote.
    package var damaged: Bool
    /// Who works on it now, in words; null for nobody.
    @OrNull package var lockedBy: String?
    package var findings: [Finding]
    /// What to do, a line each; none where all is well.
    package var advice: [String]

    package struct Finding: Encodable, Sendable, Hashable {
        /// `file`, `mode`, `format`, `schema`, `integrity`, `references`, `tables`, `events` or `observations`.
        package var question: String
        /// `pass` or `fail`.
        package var result: String
        package var detail: String

        package init(question: String, passed: Bool, detail: String) {
            self.question = question
            result = passed ? "pass" : "fail"
            self.detail = detail
        }
    }

    package init(
        path: String, passed: Bool, damaged: Bool, lockedBy: String?, findings: [Finding],
        advice: [String]
    ) {
        self.path = path
        self.passed = passed
        self.damaged = damaged
        _lockedBy = OrNull(wrappedValue: lockedBy)
        self.findings = findings
        self.advice = advice
    }

    package var document: TextDocument {
        var document = TextDocument()
        var table = TextTable()
        for finding in findings {
            table.add([
                TextLine(finding.result, finding.result == "pass" ? .green : .red),
                TextLine(finding.question), TextLine(finding.detail),
            ])
        }
        document.add(table)
        document.addGap()
        document.add(TextLine("Locked by \(lockedBy ?? "nobody")."))
        document.add(
            passed
                ? TextLine("\(path) is sound.", .green)
                : TextLine("\(path) is \(damaged ? "damaged" : "not as it should be").", .red))
        for line in advice { document.add(TextLine(line)) }
        return document
    }
}
