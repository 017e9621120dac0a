/// A pod as ztunnel's access log names it.
package struct LoggedPod: Sendable, Hashable {
    package var namespace: String
    package var name: String

    package init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }
}

/// The two ends of a connection, as far as the line knows them.
extension ZtunnelLogEntry {
    var from: SocketAddress? { fields["src.addr"].flatMap { SocketAddress($0) } }

    /// The server's own address and port: inside HBONE `dst.addr` is the tunnel's port (istio/ztunnel
    /// `src/proxy/metrics.rs:record_internal`).
    var to: SocketAddress? {
        (fields["dst.hbone_addr"] ?? fields["dst.addr"]).flatMap { SocketAddress($0) }
    }

    var source: LoggedPod? { pod("src") }
    var destination: LoggedPod? { pod("dst") }

    private func pod(_ end: String) -> LoggedPod? {
        guard let namespace = fields["\(end).namespace"], let name = fields["\(end).workload"]
        else { return nil }
        return LoggedPod(namespace: namespace, name: name)
    }
}
