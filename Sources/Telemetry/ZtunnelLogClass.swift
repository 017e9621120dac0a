/// What a line of ztunnel's log is about.
package enum ZtunnelLogClass: String, Sendable, Hashable, CaseIterable {
    // Connections: target `access` (istio/ztunnel `src/proxy/metrics.rs:ConnectionResult::record_internal`,
    // `log_early_deny`); the texts of the errors are those of `src/proxy.rs:Error`.

    case connectionOpened = "connection-opened"
    case connectionComplete = "connection-complete"
    /// Plaintext refused by a STRICT PeerAuthentication.
    case strictRefusal = "strict-refusal"
    /// Plaintext refused by a PeerAuthentication with ports of its own.
    case portStrictRefusal = "port-strict-refusal"
    /// Refused by a user's AuthorizationPolicy with action DENY.
    case denied
    /// ALLOW policies exist and none matched.
    case notAllowed = "not-allowed"
    /// An open connection closed, since a policy has changed.
    case policyChange = "policy-change"
    /// The other ztunnel's policies refused it.
    case peerRefused = "peer-refused"
    /// No answer at port 15008.
    case networkPolicy = "network-policy"
    /// The application does not listen.
    case connectFailed = "connect-failed"
    case wrongIdentity = "wrong-identity"
    case noCertificate = "no-certificate"
    case certificateRevoked = "certificate-revoked"
    /// ztunnel does not know the workload, or has no way to it.
    case noRoute = "no-route"
    case drained
    /// A direct call to a port of ztunnel's own.
    case illegalPort = "illegal-port"
    case targetMismatch = "target-mismatch"
    /// One side ended before the other, as many applications do.
    case halfClose = "half-close"
    case connectionDNS = "connection-dns"
    case otherConnectionError = "other-connection-error"

    // Operation.

    /// istiod cannot be reached.
    case xdsConnectionError = "xds-connection-error"
    /// The stream with istiod has ended with an error.
    case xdsError = "xds-error"
    /// The stream has ended as streams do: at debug level, and reconnected at once.
    case xdsTerminated = "xds-terminated"
    case xdsComplete = "xds-complete"
    case xdsEstablished = "xds-established"
    /// ztunnel could not take what istiod sent, and goes on with what it had.
    case xdsRejected = "xds-rejected"
    /// There is no valid certificate.
    case certificateFetchFailed = "certificate-fetch-failed"
    /// The old certificate is still valid.
    case certificateRenewalFailed = "certificate-renewal-failed"
    /// At debug level only.
    case certificateFetched = "certificate-fetched"
    /// A workload's policy is not known: shortly after a change, or for good, and then nothing enforces it.
    case unknownPolicy = "unknown-policy"
    case dnsRequestError = "dns-request-error"
    case dnsStarted = "dns-started"
    case listenerEstablished = "listener-established"
    case podDeleted = "pod-deleted"
    case workloadRetryFailed = "workload-retry-failed"
    /// A policy's decision, at debug level, or with `AUTHZ_POLICY_INFO_LOGGING`.
    case policyDecision = "policy-decision"
    case other

    package init(_ entry: ZtunnelLogEntry) {
        self =
            entry.target == "access"
            ? Self.connection(entry)
            : Self.operation(entry)
    }

    private static func connection(_ entry: ZtunnelLogEntry) -> ZtunnelLogClass {
        guard let error = entry.fields["error"] else {
            return switch entry.message {
            case "connection opened": .connectionOpened
            case "connection complete": .connectionComplete
            default: .other
            }
        }
        if error.contains("policy rejection: explicitly denied by: ") {
            if error.contains("istio_converted_static_strict") { return .strictRefusal }
            if error.contains("/converted_peer_authentication_") { return .portStrictRefusal }
            return .denied
        }
        return errors.first { $0.matches(error) }?.kind ?? .otherConnectionError
    }

    private static func operation(_ entry: ZtunnelLogEntry) -> ZtunnelLogClass {
        if entry.target == "xds::client", entry.message == "sending response",
            entry.level == .error
        {
            return .xdsRejected
        }
        return messages.first { $0.matches(entry.message) }?.kind ?? .other
    }
}

/// A class by how a text starts, or by what it contains where errors wrap each other.
private struct ZtunnelText: Sendable {
    enum Place: Sendable { case start, anywhere }

    var text: String
    var place: Place
    var kind: ZtunnelLogClass

    init(_ text: String, _ place: Place = .start, _ kind: ZtunnelLogClass) {
        self.text = text
        self.place = place
        self.kind = kind
    }

    func matches(_ message: String) -> Bool {
        switch place {
        case .start: message.hasPrefix(text)
        case .anywhere: message.contains(text)
        }
    }
}

/// In this order: what is more exact comes first.
private let errors: [ZtunnelText] = [
    ZtunnelText(
        "policy rejection: allow policies exist, but none allowed", .anywhere, .notAllowed),
    ZtunnelText("connection closed due to policy change", .anywhere, .policyChange),
    ZtunnelText("http status: 401 Unauthorized", .anywhere, .peerRefused),
    ZtunnelText("maybe a NetworkPolicy is blocking HBONE port 15008", .anywhere, .networkPolicy),
    ZtunnelText("peer certificate revoked by CRL", .anywhere, .certificateRevoked),
    ZtunnelText("identity verification error: ", .anywhere, .wrongIdentity),
    ZtunnelText("tls handshake error:", .anywhere, .wrongIdentity),
    ZtunnelText("tls error: ", .start, .wrongIdentity),
    ZtunnelText("identity error: ", .anywhere, .noCertificate),
    ZtunnelText("failed to fetch information about local workload", .anywhere, .noRoute),
    ZtunnelText("unknown waypoint", .anywhere, .noRoute),
    ZtunnelText("no healthy upstream", .anywhere, .noRoute),
    ZtunnelText("no valid routing destination for workload", .anywhere, .noRoute),
    ZtunnelText("connection closed due to connection drain", .anywhere, .drained),
    ZtunnelText("connection failed to drain within the timeout", .anywhere, .drained),
    ZtunnelText("pool draining", .anywhere, .drained),
    ZtunnelText("attempted recursive call to ourselves", .anywhere, .illegalPort),
    ZtunnelText("ip mismatch: ", .start, .targetMismatch),
    ZtunnelText("dns: ", .start, .connectionDNS),
    ZtunnelText("dns lookup: ", .start, .connectionDNS),
    ZtunnelText("dns response had no valid IP addresses", .start, .connectionDNS),
    ZtunnelText("no ip addresses were resolved for workload", .start, .connectionDNS),
    ZtunnelText("ip addresses were resolved for workload", .start, .connectionDNS),
    ZtunnelText("connection failed: ", .anywhere, .connectFailed),
    ZtunnelText("destination disconnected before all data was written", .anywhere, .halfClose),
    ZtunnelText("client disconnected before all data was written", .anywhere, .halfClose),
    ZtunnelText("receive: ", .start, .halfClose),
    ZtunnelText("send: ", .start, .halfClose),
]

/// `src/xds/client.rs:AdsClient::run_loop`, `src/identity/manager.rs:Worker::run`, `src/state.rs:assert_rbac`,
/// `src/dns/handler.rs:send_response`, `src/dns/server.rs:Server::new`, `src/inpod/statemanager.rs`.
private let messages: [ZtunnelText] = [
    ZtunnelText("XDS client connection error: ", .start, .xdsConnectionError),
    ZtunnelText("XDS client error: ", .start, .xdsError),
    ZtunnelText("XDS client terminated: ", .start, .xdsTerminated),
    ZtunnelText("XDS client complete", .start, .xdsComplete),
    ZtunnelText("Stream established", .start, .xdsEstablished),
    ZtunnelText("certificate fetch failed (", .start, .certificateFetchFailed),
    ZtunnelText("certificate renewal failed (", .start, .certificateRenewalFailed),
    ZtunnelText("certificate fetch succeeded", .start, .certificateFetched),
    ZtunnelText("skipping unknown policy ", .start, .unknownPolicy),
    ZtunnelText("request error: ", .start, .dnsRequestError),
    ZtunnelText("starting local DNS server", .start, .dnsStarted),
    ZtunnelText("listener established", .start, .listenerEstablished),
    ZtunnelText("pod delete request, shutting down proxy", .start, .podDeleted),
    ZtunnelText("retrying workload failed: ", .start, .workloadRetryFailed),
    ZtunnelText("deny policy match", .start, .policyDecision),
    ZtunnelText("allow policy match", .start, .policyDecision),
    ZtunnelText("no allow policies matched", .start, .policyDecision),
]
