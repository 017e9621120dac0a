import MeshModel
package import MeshPlanning

/// What `check` found, gate by gate.
package struct CheckReport: Report {
    package struct Group: Encodable, Sendable, Hashable {
        package var gate: String
        /// `pass` where all findings let a run pass, else the worst of them.
        package var verdict: String
        package var findings: [GateEntry]
    }

    package struct Summary: Encodable, Sendable, Hashable {
        package var pass: Int
        package var fail: Int
        package var inconclusive: Int
        /// Inconclusive ones that the plan file answers for; not counted as inconclusive.
        package var accepted: Int
    }

    package let formatVersion = "1.0"
    package let kind = "GateCheck"
    package var server: String
    /// Whether a run could pass all of them now.
    package var passed: Bool
    package var gates: [Group]
    package var summary: Summary

    package init(_ findings: [GateFinding], server: String) {
        self.server = server
        passed = findings.letPass
        summary = Summary(
            pass: findings.count { $0.verdict == .pass },
            fail: findings.count { $0.verdict == .fail },
            inconclusive: findings.count { $0.verdict == .inconclusive && !$0.letsPass },
            accepted: findings.count { $0.verdict == .inconclusive && $0.letsPass })
        gates = Gate.allCases.compactMap { gate in
            let own = findings.filter { $0.gate == gate }
            guard !own.isEmpty else { return nil }
            let worst: GateFinding.Verdict =
                own.contains { $0.verdict == .fail }
                ? .fail : own.letPass ? .pass : .inconclusive
            return Group(
                gate: gate.rawValue, verdict: worst.rawValue, findings: own.map { GateEntry($0) })
        }
    }
}

// MARK: - Text

extension CheckReport {
    package var document: TextDocument {
        var document = TextDocument()
        for group in gates {
            document.addHeading(group.gate)
            for finding in group.findings { document.add(finding) }
        }
        document.addGap()
        let counts = [
            (summary.pass, "pass"), (summary.fail, "fail"),
            (summary.inconclusive, "cannot be judged"), (summary.accepted, "accepted"),
        ]
        let words = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        document.add(
            TextLine(
                gates.isEmpty ? "Nothing to check." : words.joined(separator: ", ") + ".",
                passed ? .green : .red))
        return document
    }
}
