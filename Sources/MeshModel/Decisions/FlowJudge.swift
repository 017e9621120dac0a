/// Who opens a connection.
package enum FlowClient: Sendable, Hashable {
    /// A pod, live or as its controller would make it.
    case pod(Pod)
    /// A process on the host network of this node.
    case node(String)
    /// On these nodes; empty where its pods are not known, and then on none of the servers'.
    case apiServer(nodes: Set<String>)
    case external

    /// The nodes on whose host network it may be.
    fileprivate var hostNodes: Set<String> {
        switch self {
        case .pod(let pod): pod.hostNetwork ? [pod.nodeName] : []
        case .node(let name): [name]
        case .apiServer(let nodes): nodes
        case .external: []
        }
    }
}

package enum FlowTarget: Sendable, Hashable {
    case service(Service, ServicePort)
    /// By the pod's own address.
    case pod(Pod, port: Int)
    /// A host that is not the cluster's, by name or by address.
    case host(String, port: Int)
}

/// What to send in place of what the client's data plane would.
package enum ForcedBytes: String, Sendable, Hashable, CaseIterable {
    case plaintext
    case istioMTLS = "istio-mtls"
    case tls

    fileprivate var bytes: FlowBytes {
        switch self {
        case .plaintext: .plaintext
        case .istioMTLS: .mtls
        case .tls: .tls
        }
    }
}

/// Judges flows: what the client sends to each endpoint, and what happens to it there.
package struct FlowJudge: Sendable {
    package struct EndpointVerdict: Sendable, Hashable {
        package var endpoint: FlowIndex.Endpoint
        /// What the server's own data plane enforces on the port; nil where nothing does.
        package var mode: MTLSMode?
        package var verdict: FlowVerdict
        /// The rule behind it, `namespace/name`, where a DestinationRule decided what is sent.
        package var destinationRule: String?
    }

    package let index: FlowIndex
    package var forced: ForcedBytes?
    package var speaks: ApplicationProtocol?
    /// What the client's proxy holds, and what the server's does: the same, except while a change is on its way.
    package var clientConfiguration: FlowConfiguration
    package var serverConfiguration: FlowConfiguration

    package init(
        _ index: FlowIndex, forced: ForcedBytes? = nil, speaks: ApplicationProtocol? = nil
    ) {
        self.index = index
        self.forced = forced
        self.speaks = speaks
        clientConfiguration = index.configuration
        serverConfiguration = index.configuration
    }

    package func judge(_ client: FlowClient, to target: FlowTarget) -> [EndpointVerdict] {
        let endpoints = index.endpoints(of: target)
        let sender = sender(from: client, to: target, peers: endpoints)
        return endpoints.map { endpoint in
            let verdict = verdict(client, sender, endpoint, knownAs: endpoint)
            return EndpointVerdict(
                endpoint: endpoint, mode: mode(of: endpoint), verdict: verdict,
                destinationRule: verdict.sentBecause == .destinationRule
                    ? sender.destinationRule : nil)
        }
    }

    /// The verdict at one endpoint, whatever the index knows of it.
    ///
    /// - Parameters:
    ///   - known: the endpoint as the client's proxy knows it.
    ///   - peers: all endpoints of the target as the client's proxy knows them: for a headless Service
    ///     they decide together.
    package func judge(
        _ client: FlowClient, to target: FlowTarget, at endpoint: FlowIndex.Endpoint,
        knownAs known: FlowIndex.Endpoint, peers: [FlowIndex.Endpoint]
    ) -> FlowVerdict {
        verdict(
            client, sender(from: client, to: target, peers: peers), endpoint, knownAs: known)
    }

    private func sender(
        from client: FlowClient, to target: FlowTarget, peers: [FlowIndex.Endpoint]
    ) -> FlowSender {
        // What is sent to a headless Service hangs on whether one endpoint takes no mTLS: that one will do,
        // where thousands would be looked at again for each of them.
        let plain = peers.first { $0.pod?.takesLegacyMTLS != true }
        return FlowSender(
            index: index, configuration: clientConfiguration, client: client, target: target,
            peers: plain.map { [$0] } ?? Array(peers.prefix(1)))
    }

    private func verdict(
        _ client: FlowClient, _ sender: FlowSender, _ endpoint: FlowIndex.Endpoint,
        knownAs known: FlowIndex.Endpoint
    ) -> FlowVerdict {
        if case .service(_, let port) = sender.target, port.transport == "UDP" {
            return FlowVerdict(
                sent: .plaintext, sentBecause: .udp, outcome: .carried, reason: .udpNotIntercepted)
        }
        let sending = forced.map { .bytes($0.bytes, .forced) } ?? sender.sending(to: known)
        switch sending {
        case .bytes(let bytes, let because):
            let reception = reception(of: bytes, from: client, to: sender.target, at: endpoint)
            return FlowVerdict(
                sent: bytes, sentBecause: because, outcome: reception.outcome,
                reason: reception.reason)
        case .either(let options, let because):
            let receptions = options.map {
                reception(of: $0, from: client, to: sender.target, at: endpoint)
            }
            let outcomes = Set(receptions.map(\.outcome))
            guard let first = receptions.first, let bytes = options.first, outcomes.count == 1
            else {
                return FlowVerdict(
                    sent: .plaintext, sentBecause: because, outcome: .unknown,
                    reason: .waypointToSidecar)
            }
            return FlowVerdict(
                sent: bytes, sentBecause: because, outcome: first.outcome, reason: first.reason)
        case .blocked(let reason):
            return FlowVerdict(
                sent: .plaintext, sentBecause: .outsideEgress, outcome: .refused, reason: reason)
        case .unknown(let reason):
            return FlowVerdict(
                sent: .plaintext, sentBecause: nil, outcome: .unknown,
                reason: reason)
        }
    }

    private func reception(
        of bytes: FlowBytes, from client: FlowClient, to target: FlowTarget,
        at endpoint: FlowIndex.Endpoint
    ) -> Reception {
        if case .host(let host, let port) = target {
            let leadsIntoMesh = serverConfiguration.entries.entries(forHost: host, port: port)
                .contains(where: index.leadsIntoMesh)
            return OutsideReception.decide(leadsIntoMesh: leadsIntoMesh, bytes: bytes)
        }
        guard let pod = endpoint.pod else { return BareReception.decide(.unmeshed, bytes: bytes) }
        switch pod.dataplane {
        case .gateway, .waypoint:
            // Its own listeners decide, which PeerAuthentication has no say in.
            return bytes == .plaintext || bytes == .tls
                ? Reception(.carried, .gatewayListener) : Reception(.unknown, .gatewayListener)
        case .none:
            return pod.isCapturePending
                ? Reception(.unknown, .capturePending)
                : BareReception.decide(.unmeshed, bytes: bytes)
        case .sidecar:
            guard bytes == .hbone || Interception.takesInbound(port: endpoint.port, of: pod) else {
                return BareReception.decide(.excludedPort, bytes: bytes)
            }
            let mode = EffectiveMode.decide(
                namespace: pod.meta.namespace, podLabels: pod.meta.labels,
                policies: serverConfiguration.policies
            )
            return SidecarReception.decide(
                mode: mode.mode(forPort: endpoint.port),
                declared: index.declaredProtocol(
                    ofPort: endpoint.port, on: pod, scopes: serverConfiguration.scopes),
                bytes: bytes,
                speaks: speaks)
        case .ambient:
            return ambientReception(of: bytes, from: client, at: pod, port: endpoint.port)
        }
    }

    /// istio-cni lets processes of the pod's own node past ztunnel, so that kubelet's probes work.
    private func ambientReception(
        of bytes: FlowBytes, from client: FlowClient, at pod: Pod, port: Int
    ) -> Reception {
        let denies = ZtunnelPolicies.decide(
            namespace: pod.meta.namespace, podLabels: pod.meta.labels,
            policies: serverConfiguration.policies)
        let fromElsewhere = ZtunnelReception.decide(
            deniesAnonymous: denies.refusesPlaintext(onPort: port),
            deniesAll: denies.deniedToAll.contains(port), bytes: bytes)
        let nodes = client.hostNodes
        guard !nodes.isEmpty else { return fromElsewhere }
        let isPlaceKnown = Pod.isKnownNode(pod.nodeName) && nodes.allSatisfy(Pod.isKnownNode)
        if isPlaceKnown, nodes == [pod.nodeName] {
            let isRefusedElsewhere = fromElsewhere.outcome == .refused
            if isRefusedElsewhere, index.state.surroundings.cni?.usesNFTables == true {
                return Reception(.unknown, .nodeUserUnknown)
            }
            return BareReception.decide(.sameNode, bytes: bytes)
        }
        if isPlaceKnown, !nodes.contains(pod.nodeName) { return fromElsewhere }
        return fromElsewhere.outcome == .refused
            ? Reception(.unknown, .nodeUnknown) : fromElsewhere
    }

    private func mode(of endpoint: FlowIndex.Endpoint) -> MTLSMode? {
        guard let pod = endpoint.pod,
            let enforcement = Enforcement(
                on: pod.dataplane, namespace: pod.meta.namespace, podLabels: pod.meta.labels,
                policies: serverConfiguration.policies)
        else { return nil }
        if pod.dataplane == .sidecar, !Interception.takesInbound(port: endpoint.port, of: pod) {
            return nil
        }
        return enforcement.ports[endpoint.port] ?? enforcement.mode
    }
}

extension Pod {
    /// Manifests without a status often name no node; the reader then writes a name in parentheses.
    fileprivate static func isKnownNode(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix("(")
    }
}

extension FlowIndex {
    /// Where a target leads.
    package func endpoints(of target: FlowTarget) -> [Endpoint] {
        switch target {
        case .service(let service, let port): endpoints(of: service, port: port)
        case .pod(let pod, let port): [Endpoint(pod: pod, address: pod.ip, port: port)]
        case .host(let host, let port): [Endpoint(pod: nil, address: host, port: port)]
        }
    }
}
