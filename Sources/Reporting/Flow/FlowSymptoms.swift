import MeshModel

/// What a person sees when a flow is not carried: at the client, and in the proxies' logs. The texts are
/// Envoy's, ztunnel's and curl's own.
enum FlowSymptoms {
    /// - Parameters:
    ///   - client: what handles the client's side; `.none` where nothing does.
    ///   - policies: what ztunnel denies by, `namespace/name`.
    static func of(
        _ verdict: FlowVerdict, client: PodDataplane, server: PodDataplane, policies: [String],
        isHTTP: Bool
    ) -> [String] {
        switch verdict.reason {
        case .strictRefusesPlaintext, .strictRefusesLegacyMTLS:
            return atClient(client, isHTTP) + inServerLog(server, policies)
        case .strictRefusesTLS where server == .ambient:
            return ["curl: (35) Recv failure: Connection reset by peer"]
                + inServerLog(server, policies)
        case .strictRefusesTLS:
            return [
                "TLS alert from the server: certificate required",
                "server's istio-proxy: ssl.fail_verify_no_cert, PEER_DID_NOT_RETURN_A_CERTIFICATE",
            ]
        case .httpPortRefusesTLS:
            return ["curl: (35) Recv failure: Connection reset by peer"]
                + inServerLog(server, policies)
        case .httpProtocolError:
            return ["server's istio-proxy access log: 400 with response flag DPE"]
        case .registryOnly:
            return [
                isHTTP
                    ? "HTTP 502 from the client's own istio-proxy (BlackHoleCluster)"
                    : "Connection reset by peer (BlackHoleCluster)"
            ]
        case .mtlsToPlainServer, .mtlsToExcludedPort, .mtlsNotTerminated:
            return [
                "HTTP 503, response flags UF,URX, upstream_transport_failure_reason: TLS_error:"
                    + "|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER"
            ]
        case .nodeLocal:
            return ["nothing: ztunnel neither logs nor counts the connection"]
        default:
            return []
        }
    }

    private static func atClient(_ client: PodDataplane, _ isHTTP: Bool) -> [String] {
        let hasEnvoy = [.sidecar, .gateway, .waypoint].contains(client)
        if hasEnvoy, isHTTP {
            return [
                "HTTP 503, response flag UC: upstream connect error or disconnect/reset before "
                    + "headers. reset reason: connection termination"
            ]
        }
        return [
            "curl: (56) Recv failure: Connection reset by peer",
            "curl: (52) Empty reply from server",
        ]
    }

    private static func inServerLog(_ server: PodDataplane, _ policies: [String]) -> [String] {
        guard server == .ambient else {
            return ["server's istio-proxy access log: NR filter_chain_not_found"]
        }
        return policies.map {
            "ztunnel access log: error=\"connection closed due to policy rejection: "
                + "explicitly denied by: \($0)\""
        }
    }
}
