package import Timing

/// A connection or request that got through, by the access log of the proxy at one of its ends. The log knows what the
/// counters do not: the port, and the address that it came from.
package struct LoggedConnection: Sendable, Hashable {
    /// When the line was taken down: at the end of the request or connection.
    package var time: Timestamp
    /// Whether the proxy is the server's.
    package var isInbound: Bool
    package var isMutualTLS: Bool
    package var from: SocketAddress
    /// The port of the server's application.
    package var to: SocketAddress
    /// nil where the proxy does not know the pod.
    package var source: LoggedPod?
    package var destination: LoggedPod?
    /// The Service's host; empty where the line does not say.
    package var service: String

    package init(
        time: Timestamp, isInbound: Bool = true, isMutualTLS: Bool, from: SocketAddress,
        to: SocketAddress, source: LoggedPod? = nil, destination: LoggedPod? = nil,
        service: String = ""
    ) {
        self.time = time
        self.isInbound = isInbound
        self.isMutualTLS = isMutualTLS
        self.from = from
        self.to = to
        self.source = source
        self.destination = destination
        self.service = service
    }

    /// Of a ztunnel's log. Identities are there for mTLS only (istio/ztunnel
    /// `src/proxy/metrics.rs:record_internal`). nil for refusals and all other lines.
    package init?(ztunnel line: LogLine) {
        guard let entry = ZtunnelLogEntry(line.text), entry.target == "access",
            Self.gotThrough(entry), let direction = entry.fields["direction"],
            let from = entry.from, let to = entry.to
        else { return nil }
        let isInbound = direction == "inbound"
        self.init(
            time: line.time, isInbound: isInbound,
            isMutualTLS: entry.fields[isInbound ? "src.identity" : "dst.identity"] != nil,
            from: from, to: to, source: entry.source, destination: entry.destination,
            service: entry.fields["dst.service"] ?? "")
    }

    /// Of a sidecar's log: what came in. Istio's own mTLS has the Service in its server name, as `outbound_.80_._.HOST`
    /// (istio `pilot/pkg/model/service.go:BuildDNSSrvSubsetKey`). What comes inside HBONE has no server name, as
    /// plaintext has none.
    package init?(sidecar line: LogLine) {
        guard let entry = EnvoyAccessLogEntry(line.text), entry.isInbound,
            !entry.flags.contains(where: { ["UF", "UH", "NR", "NC"].contains($0) }),
            let from = entry.remote, let to = entry.local
        else { return nil }
        self.init(
            time: line.time, isMutualTLS: entry.serverName.hasPrefix("outbound_"), from: from,
            to: to)
    }

    private static func gotThrough(_ entry: ZtunnelLogEntry) -> Bool {
        switch ZtunnelLogClass(entry) {
        case .connectionComplete, .halfClose, .drained, .policyChange: true
        default: false
        }
    }
}
