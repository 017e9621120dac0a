/// Why a flow ends as it does: a closed set, with a section each in `docs/flows.md`.
package enum FlowReason: String, Sendable, Hashable, Codable, CaseIterable {
    // Carried
    case plaintextAccepted = "plaintext-accepted"
    case mtlsAccepted = "mtls-accepted"
    case hboneAccepted = "hbone-accepted"
    case tlsPassedThrough = "tls-passed-through"
    case noEnforcement = "no-enforcement"
    case portNotIntercepted = "port-not-intercepted"
    case udpNotIntercepted = "udp-not-intercepted"
    case gatewayListener = "gateway-listener"
    case outsideHost = "outside-host"

    // Bypassed
    case nodeLocal = "node-local"

    // Refused
    case strictRefusesPlaintext = "strict-refuses-plaintext"
    case strictRefusesTLS = "strict-refuses-tls"
    case strictRefusesLegacyMTLS = "strict-refuses-legacy-mtls"
    case policyRefusesEverybody = "policy-refuses-everybody"
    case httpPortRefusesTLS = "http-port-refuses-tls"
    case httpProtocolError = "http-protocol-error"
    case registryOnly = "registry-only"

    // Garbled
    case mtlsToPlainServer = "mtls-to-plain-server"
    case mtlsToExcludedPort = "mtls-to-excluded-port"
    case mtlsNotTerminated = "mtls-not-terminated"

    // Unknown
    case noEndpoints = "no-endpoints"
    case externalName = "external-name"
    case nodeUnknown = "node-unknown"
    case nodeUserUnknown = "node-user-unknown"
    case capturePending = "capture-pending"
    case waypointToSidecar = "waypoint-to-sidecar"
    case gatewayToPodIP = "gateway-to-pod-ip"
    case addressUnknown = "address-unknown"
    case mtlsToOutsideHost = "mtls-to-outside-host"
    case hostInMesh = "host-in-mesh"
    case gatewayToUnknownHost = "gateway-to-unknown-host"
    case registryUnread = "registry-unread"
}

/// Why a client sends what it sends: a closed set, with a section each in `docs/flows.md`.
package enum SendReason: String, Sendable, Hashable, Codable, CaseIterable {
    case forced
    case clientWithoutProxy = "client-without-proxy"
    case outboundExcluded = "outbound-excluded"
    case udp
    case autoMTLS = "auto-mtls"
    case autoMTLSOff = "auto-mtls-off"
    case namespaceDisable = "namespace-disable"
    case portDisable = "port-disable"
    case destinationRule = "destination-rule"
    case serverTakesHBONE = "server-takes-hbone"
    case serverWithoutSidecar = "server-without-sidecar"
    case serverWithoutTunnel = "server-without-tunnel"
    case headlessAllInjected = "headless-all-injected"
    case headlessNotAllInjected = "headless-not-all-injected"
    case podIPPassthrough = "pod-ip-passthrough"
    case outsideEgress = "outside-egress"
    case waypointHop = "waypoint-hop"
    case hostOutsideMesh = "host-outside-mesh"
}
