package import Timing

/// A connection that a server's proxy refused, by its access log: who came, to which port, and why not.
package struct RefusedConnection: Sendable, Hashable {
    package enum Cause: Sendable, Hashable, CaseIterable {
        /// By STRICT, or since no ALLOW policy holds without an identity.
        case policy
        /// By a user's AuthorizationPolicy with action DENY.
        case denied
        /// It was open and was closed when the policies changed.
        case policyChange
        /// A sidecar had no filter chain for it.
        case noFilterChain
    }

    /// When the line was taken down.
    package var time: Timestamp
    package var cause: Cause
    package var from: SocketAddress
    /// The pod that ztunnel knows at that address; nil where it knows none, and for sidecars.
    package var source: LoggedPod?
    /// The server's own address and port.
    package var to: SocketAddress

    package init(
        time: Timestamp, cause: Cause, from: SocketAddress, source: LoggedPod? = nil,
        to: SocketAddress
    ) {
        self.time = time
        self.cause = cause
        self.from = from
        self.source = source
        self.to = to
    }

    /// Of a ztunnel's log. Inbound lines only: the client's ztunnel tells of the same refusal once more, as
    /// `http status: 401` (istio/ztunnel `src/proxy/outbound.rs`).
    package init?(ztunnel line: LogLine) {
        guard let entry = ZtunnelLogEntry(line.text), entry.target == "access",
            entry.fields["direction"] == "inbound",
            let cause = Cause(ZtunnelLogClass(entry)),
            let from = entry.from, let to = entry.to
        else { return nil }
        self.init(time: line.time, cause: cause, from: from, source: entry.source, to: to)
    }

    /// Of a sidecar's log, where access logging is on: flag `NR` with `filter_chain_not_found`.
    package init?(sidecar line: LogLine) {
        guard let entry = EnvoyAccessLogEntry(line.text), entry.flags.contains("NR"),
            entry.details == "filter_chain_not_found", let from = entry.remote,
            let to = entry.local
        else { return nil }
        self.init(time: line.time, cause: .noFilterChain, from: from, to: to)
    }
}

extension RefusedConnection.Cause {
    fileprivate init?(_ kind: ZtunnelLogClass) {
        switch kind {
        case .strictRefusal, .portStrictRefusal, .notAllowed: self = .policy
        case .denied: self = .denied
        case .policyChange: self = .policyChange
        default: return nil
        }
    }
}
