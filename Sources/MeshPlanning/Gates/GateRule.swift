package import MeshModel

/// A gate's question, complete enough that asking it decides nothing, and what the answers mean. Pure.
package protocol GateRule: Sendable, Hashable, Codable {
    /// What has to be seen of the cluster.
    associatedtype Sample: Sendable

    static var gate: Gate { get }

    /// At least one finding, whatever the sample: a sample in which nothing was seen is inconclusive.
    func findings(in sample: Sample) -> [GateFinding]
}

extension GateRule {
    /// A finding of this gate.
    func finding(
        _ verdict: GateFinding.Verdict, about subject: String, in namespace: String? = nil,
        _ reason: String, evidence: [String] = [], hint: String? = nil, command: String? = nil
    ) -> GateFinding {
        GateFinding(
            Self.gate, verdict, about: subject, in: namespace, reason, evidence: evidence,
            hint: hint, command: command)
    }
}
