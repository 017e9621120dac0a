package import MeshModel

/// What a gate found about one thing: a namespace, a node, a workload, or the whole mesh.
package struct GateFinding: Sendable, Hashable, Codable {
    package enum Verdict: String, Sendable, Hashable, Codable {
        case pass, fail
        /// Not enough was seen to say either. It does not pass.
        case inconclusive
    }

    package var gate: Gate
    package var verdict: Verdict
    /// What it is about, as the user reads it: `namespace shop`, `node kube-1`, `Deployment shop/cart`.
    package var subject: String
    /// The namespace in which the plan file can accept it; nil where it belongs to none.
    package var namespace: String?
    /// Why, on one line, without the subject.
    package var reason: String
    /// What was seen, a line each: kept in the journal, shown by `show RUN`.
    package var evidence: [String]
    /// What to do about it.
    package var hint: String?
    /// A command to copy that shows more.
    package var command: String?
    /// Why the plan file accepts it although it is inconclusive.
    package var accepted: String?

    package init(
        _ gate: Gate, _ verdict: Verdict, about subject: String, in namespace: String? = nil,
        _ reason: String, evidence: [String] = [], hint: String? = nil, command: String? = nil
    ) {
        self.gate = gate
        self.verdict = verdict
        self.subject = subject
        self.namespace = namespace
        self.reason = reason
        self.evidence = evidence
        self.hint = hint
        self.command = command
    }

    /// Whether a run may go on. A failed gate is accepted by nothing.
    package var letsPass: Bool { verdict == .pass || verdict == .inconclusive && accepted != nil }
}

extension [GateFinding] {
    /// Whether a run may go on. Nothing found is not a pass.
    package var letPass: Bool { !isEmpty && allSatisfy(\.letsPass) }

    /// With the doubts that the plan file answers for, as long as they have not expired.
    package func accepting(_ doubts: [GateSettings.AcceptedDoubt], on today: CalendarDate?) -> Self
    {
        map { finding in
            guard finding.verdict == .inconclusive, let today,
                let doubt = doubts.first(where: {
                    $0.gate == finding.gate && $0.namespace == finding.namespace
                        && today <= $0.expires
                })
            else { return finding }
            var finding = finding
            finding.accepted = "\(doubt.reason) (\(doubt.owner), until \(doubt.expires.text))"
            return finding
        }
    }
}
