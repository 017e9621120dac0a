package import MeshModel

/// One sentence for each reason; `docs/flows.md` says more.
package enum FlowPhrases {
    package static func of(_ sent: FlowBytes) -> String {
        switch sent {
        case .plaintext: "plaintext"
        case .tls: "TLS"
        case .mtls: "mTLS"
        case .hbone: "HBONE"
        }
    }

    package static func of(_ reason: SendReason) -> String {
        switch reason {
        case .forced: "--send says so, whatever the client's data plane would do"
        case .clientWithoutProxy: "no proxy handles what the client sends"
        case .outboundExcluded:
            "annotations of the client's pod keep the connection from its sidecar"
        case .udp: "neither sidecars nor ztunnel handle UDP"
        case .autoMTLS: "the endpoint has a sidecar, so the client's proxy uses mTLS by itself"
        case .autoMTLSOff: "the mesh configuration turns automatic mTLS off"
        case .namespaceDisable: "the policies of the mesh and the Service's namespace say DISABLE"
        case .portDisable: "the policies of the endpoint say DISABLE for its port"
        case .destinationRule: "a DestinationRule sets the client's TLS mode"
        case .serverTakesHBONE: "the endpoint can be reached by HBONE"
        case .serverWithoutSidecar: "the endpoint is not marked as able to take mTLS or HBONE"
        case .serverWithoutTunnel:
            "the server's sidecar was injected without HBONE, which is all that ztunnel speaks"
        case .headlessAllInjected: "all pods behind the headless Service have sidecars"
        case .headlessNotAllInjected:
            "a headless Service gets one choice for all pods, and not all have sidecars"
        case .podIPPassthrough: "a sidecar passes calls to a pod's address through untouched"
        case .outsideEgress:
            "the client's sidecar does not know the host, by no ServiceEntry or by its Sidecar resource"
        case .waypointHop: "whether a waypoint sends a sidecar mTLS is not certain"
        case .hostOutsideMesh: "the host is outside the mesh, so proxies add no mTLS of their own"
        }
    }

    package static func of(_ reason: FlowReason) -> String {
        switch reason {
        case .plaintextAccepted: "the port accepts plaintext"
        case .mtlsAccepted: "the server's sidecar terminates the mesh's mTLS"
        case .hboneAccepted: "HBONE carries a mesh identity, which every mode accepts"
        case .tlsPassedThrough: "the bytes reach the application as they are, which must speak TLS"
        case .noEnforcement: "the server has no data plane: no policy holds there"
        case .portNotIntercepted: "annotations of the server's pod keep the port from its sidecar"
        case .udpNotIntercepted: "UDP goes past every proxy"
        case .gatewayListener: "the server is a gateway or waypoint: its own listeners decide"
        case .outsideHost: "the host is outside the cluster: nothing of the mesh stands before it"
        case .nodeLocal: "a process on the pod's own node is let past ztunnel, as kubelet must be"
        case .strictRefusesPlaintext: "the port accepts mesh identities alone"
        case .strictRefusesTLS: "the TLS carries no certificate of the mesh"
        case .strictRefusesLegacyMTLS:
            "ztunnel takes sidecars' mTLS for a connection without identity"
        case .policyRefusesEverybody:
            "an istiod of this version makes a policy of it that refuses every connection"
        case .httpPortRefusesTLS: "the port is declared as HTTP, so TLS finds no filter chain"
        case .httpProtocolError: "the port is declared as HTTP, and the bytes are no HTTP"
        case .registryOnly: "outbound REGISTRY_ONLY: the client's proxy drops what it does not know"
        case .mtlsToPlainServer: "the application gets a TLS handshake that nobody terminates"
        case .mtlsToExcludedPort:
            "the port bypasses the sidecar, so the application gets the handshake"
        case .mtlsNotTerminated: "the proxy lets mTLS pass without terminating it"
        case .noEndpoints: "no ready pod is behind the port"
        case .externalName: "the Service is only a name for a host outside the cluster"
        case .nodeUnknown: "whether client and pod share a node is not known, and decides"
        case .nodeUserUnknown:
            "istio-cni uses nftables: only processes of kubelet's user are let past ztunnel"
        case .capturePending: "ztunnel does not hold the pod yet; until then its traffic fails"
        case .waypointToSidecar: "it depends on what the waypoint sends; restart the server's pods"
        case .gatewayToPodIP: "gateways route to Services, not to a pod's address"
        case .addressUnknown: "address ranges in annotations decide, and the address is not known"
        case .mtlsToOutsideHost:
            "only a host with a certificate of the mesh's root completes the mesh's mTLS"
        case .hostInMesh: "a ServiceEntry says that the host is a workload of the mesh"
        case .gatewayToUnknownHost: "no route of a gateway leads to a host without ServiceEntry"
        case .registryUnread: "ServiceEntries may not be listed, and one for the host would decide"
        }
    }
}
