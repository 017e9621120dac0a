import JSON

/// A line of a sidecar's access log in Istio's own format, as text or as JSON, reduced to what tells how a
/// connection came and how it ended (istio `pilot/pkg/model/telemetry_logging.go:EnvoyTextLogFormat`,
/// `EnvoyJSONLogFormatIstio`). Formats of a user's own are not read.
package struct EnvoyAccessLogEntry: Sendable, Hashable {
    /// 0 for TCP.
    package var responseCode: Int
    /// `UC`, `NR`, `UF` …; empty for none.
    package var flags: [String]
    /// `filter_chain_not_found`, `via_upstream` …; empty for none.
    package var details: String
    /// `inbound|8080||`, `outbound|80||cart.shop.svc.cluster.local`, `InboundPassthroughCluster`; empty for none.
    package var cluster: String
    /// The address that the client called; nil where the proxy had none.
    package var local: SocketAddress?
    package var remote: SocketAddress?
    /// The server name of the client's TLS; empty for plaintext, and inside HBONE.
    package var serverName: String

    /// Longer lines are no entry.
    package static let maximumBytes = 65_536

    package init?(_ line: Substring) {
        guard line.utf8.count <= Self.maximumBytes else { return nil }
        if line.first == "{" { self.init(json: line) } else { self.init(text: line) }
    }

    /// Whether a client called the pod, and not the pod a server.
    package var isInbound: Bool {
        cluster.hasPrefix("inbound|") || cluster.hasPrefix("InboundPassthroughCluster")
    }

    /// What a client says in a header may hold quotes, so that the line is read from both its ends.
    private init?(text line: Substring) {
        guard line.first == "[", let bracket = line.firstIndex(of: "]"),
            let quote = line[bracket...].firstIndex(of: "\""),
            let closing = line[line.index(after: quote)...].firstIndex(of: "\"")
        else { return nil }
        let head = line[line.index(after: closing)...].split(separator: " ", maxSplits: 3)
        let tail = line.split(separator: " ", omittingEmptySubsequences: false).suffix(6)
            .map(String.init)
        guard head.count == 4, let code = Int(head[0]), tail.count == 6 else { return nil }
        self.init(
            code: code, flags: String(head[1]), details: String(head[2]), cluster: tail[0],
            local: tail[2], remote: tail[3], serverName: tail[4])
    }

    private init?(json line: Substring) {
        guard let members = try? JSONValue(parsing: Array(line.utf8)).object,
            let flags = members["response_flags"]?.string,
            let code = members["response_code"]?.integer, (0...999).contains(code)
        else { return nil }
        func text(_ key: String) -> String { members[key]?.string ?? "-" }
        self.init(
            code: Int(code), flags: flags, details: text("response_code_details"),
            cluster: text("upstream_cluster"), local: text("downstream_local_address"),
            remote: text("downstream_remote_address"), serverName: text("requested_server_name"))
    }

    private init(
        code: Int, flags: String, details: String, cluster: String, local: String, remote: String,
        serverName: String
    ) {
        func known(_ text: String) -> String { text == "-" ? "" : text }
        responseCode = code
        self.flags = known(flags).split(separator: ",").map(String.init)
        self.details = known(details)
        self.cluster = known(cluster)
        self.local = SocketAddress(local)
        self.remote = SocketAddress(remote)
        self.serverName = known(serverName)
    }
}
