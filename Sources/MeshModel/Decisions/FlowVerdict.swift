/// What is on the wire when it reaches the server.
package enum FlowBytes: String, Sendable, Hashable, Codable, CaseIterable {
    case plaintext
    /// Istio's mTLS between Envoys.
    case mtls
    case hbone
    /// TLS without a mesh certificate.
    case tls
}

package enum FlowOutcome: String, Sendable, Hashable, Codable, CaseIterable {
    case carried, refused
    /// Taken by the proxy or the port, but the application gets bytes that it cannot read.
    case garbled
    /// Past every proxy: from a process on the pod's own node.
    case bypassed
    case unknown
}

/// What happens to a flow at one endpoint, and why.
package struct FlowVerdict: Sendable, Hashable {
    package var sent: FlowBytes
    /// nil where it cannot be judged.
    package var sentBecause: SendReason?
    package var outcome: FlowOutcome
    package var reason: FlowReason

    package init(
        sent: FlowBytes, sentBecause: SendReason?, outcome: FlowOutcome, reason: FlowReason
    ) {
        self.sent = sent
        self.sentBecause = sentBecause
        self.outcome = outcome
        self.reason = reason
    }
}

/// What a server does with bytes of one kind.
package struct Reception: Sendable, Hashable {
    package var outcome: FlowOutcome
    package var reason: FlowReason

    package init(_ outcome: FlowOutcome, _ reason: FlowReason) {
        self.outcome = outcome
        self.reason = reason
    }
}
