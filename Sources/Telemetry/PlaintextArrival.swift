package import Timing

/// A connection or request without mTLS that a server took, by the access log of the proxy before it. The log
/// knows what the counters do not: the port, and the address that it came from.
package struct PlaintextArrival: Sendable, Hashable {
    /// When the line was taken down: at the end of the request or connection.
    package var time: Timestamp
    package var from: SocketAddress
    package var to: SocketAddress

    package init(time: Timestamp, from: SocketAddress, to: SocketAddress) {
        self.time = time
        self.from = from
        self.to = to
    }

    /// Of a ztunnel's log: inbound, completed and not refused, and without a source identity, which is there
    /// for mTLS only (istio/ztunnel `src/proxy/metrics.rs:record_internal`). nil for all other lines.
    package init?(ztunnel line: LogLine) {
        guard let entry = ZtunnelLogEntry(line.text), entry.target == "access",
            entry.message == "connection complete", entry.fields["direction"] == "inbound",
            entry.fields["src.identity"] == nil,
            let from = entry.fields["src.addr"].flatMap({ SocketAddress($0) }),
            let to = entry.fields["dst.addr"].flatMap({ SocketAddress($0) })
        else { return nil }
        switch ZtunnelLogClass(entry) {
        case .strictRefusal, .portStrictRefusal, .denied, .notAllowed, .policyChange: return nil
        default: self.init(time: line.time, from: from, to: to)
        }
    }

    /// Of a sidecar's log: inbound, with no server name, which Istio's own mTLS always has. What comes inside
    /// HBONE has none either, so that a line is proof only where the counters agree.
    package init?(sidecar line: LogLine) {
        guard let entry = EnvoyAccessLogEntry(line.text), entry.isInbound, entry.serverName.isEmpty,
            let from = entry.remote, let to = entry.local
        else { return nil }
        self.init(time: line.time, from: from, to: to)
    }
}
