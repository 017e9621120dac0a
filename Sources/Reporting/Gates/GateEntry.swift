import MeshModel
package import MeshPlanning

/// What a gate found, in JSON.
package struct GateEntry: Encodable, Sendable, Hashable {
    /// `no-plaintext`, …
    package var gate: String
    /// `pass`, `fail` or `inconclusive`.
    package var verdict: String
    package var subject: String
    @OrNull package var namespace: String?
    package var reason: String
    /// What was seen.
    package var evidence: [String]
    @OrNull package var hint: String?
    /// A command that shows more.
    @OrNull package var command: String?
    /// Why the plan file accepts an inconclusive finding.
    @OrNull package var accepted: String?

    package init(_ finding: GateFinding) {
        gate = finding.gate.rawValue
        verdict = finding.verdict.rawValue
        subject = finding.subject
        reason = finding.reason
        evidence = finding.evidence
        _namespace = OrNull(wrappedValue: finding.namespace)
        _hint = OrNull(wrappedValue: finding.hint)
        _command = OrNull(wrappedValue: finding.command)
        _accepted = OrNull(wrappedValue: finding.accepted)
    }
}
