import Diagnostics

extension CheckReport {
    /// JUnit's XML, as CI systems read it: a suite for each gate, a case for each finding. What cannot be
    /// judged is an error, what fails is a failure, what the plan file accepts is skipped.
    package var junit: String {
        let suites = gates.map { group in
            let cases = group.findings.map(Self.testCase).joined()
            return """
                  <testsuite name=\(XML.quoted(group.gate)) tests="\(group.findings.count)" \
                failures="\(group.findings.count { $0.verdict == "fail" })" \
                errors="\(group.findings.count { $0.isUndecided })" \
                skipped="\(group.findings.count { $0.accepted != nil })">
                \(cases)  </testsuite>

                """
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="meshctl check" tests="\(gates.reduce(0) { $0 + $1.findings.count })" \
            failures="\(summary.fail)" errors="\(summary.inconclusive)" skipped="\(summary.accepted)">
            \(suites.joined())</testsuites>

            """
    }

    private static func testCase(_ finding: GateEntry) -> String {
        let head =
            "    <testcase classname=\(XML.quoted(finding.gate)) name=\(XML.quoted(finding.subject))"
        let more = (finding.evidence + [finding.hint, finding.command].compactMap(\.self))
            .joined(separator: "\n")
        let body = XML.text(more)
        if finding.verdict == "pass" { return head + "/>\n" }
        let element =
            finding.verdict == "fail" ? "failure" : finding.accepted == nil ? "error" : "skipped"
        let message = XML.quoted(finding.accepted ?? finding.reason)
        return head
            + ">\n      <\(element) message=\(message)>\(body)</\(element)>\n    </testcase>\n"
    }
}

extension GateEntry {
    fileprivate var isUndecided: Bool { verdict == "inconclusive" && accepted == nil }
}

/// Text in XML 1.0, which has no way to write most control characters: they are left out. What a terminal
/// would obey is written by its number, as in JSON.
private enum XML {
    static func text(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            // Two of them may begin a command of a CI system.
            case "#" where escaped.hasSuffix("#"): escaped += "&#35;"
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n", "\t", "\r": escaped += "&#\(scalar.value);"
            case _ where scalar.value < 0x20 || scalar.value & 0xFFFE == 0xFFFE: continue
            case _ where !scalar.isLegible: escaped += "&#\(scalar.value);"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    static func quoted(_ text: String) -> String { "\"\(self.text(text))\"" }
}
