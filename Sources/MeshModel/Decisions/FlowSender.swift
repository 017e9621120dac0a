/// What one client sends to one target: the rules of the sending side, put together.
struct FlowSender {
    let index: FlowIndex
    /// What the client's proxy holds.
    let configuration: FlowConfiguration
    let client: FlowClient
    let target: FlowTarget
    /// All endpoints of the target, or those of them that decide for all.
    let peers: [FlowIndex.Endpoint]

    func sending(to endpoint: FlowIndex.Endpoint) -> Sending {
        guard case .pod(let pod) = client else { return .bytes(.plaintext, .clientWithoutProxy) }
        if case .service(let service, _) = target, service.isExternalName {
            return .unknown(.externalName)
        }
        switch pod.outboundPlane {
        case .none:
            return pod.isCapturePending
                ? .unknown(.capturePending) : .bytes(.plaintext, .clientWithoutProxy)
        case .ambient: return fromZtunnel(to: endpoint)
        case .waypoint: return fromWaypoint(pod, to: endpoint)
        case .gateway: return fromGateway(pod, to: endpoint)
        case .sidecar: return fromSidecar(pod, to: endpoint)
        }
    }

    /// ztunnel speaks HBONE or nothing, whatever rules and policies say
    /// (ztunnel `src/proxy/outbound.rs:build_request`).
    private func fromZtunnel(to endpoint: FlowIndex.Endpoint) -> Sending {
        if case .host(let host, let port) = target { return fromZtunnel(toHost: host, port: port) }
        guard let pod = endpoint.pod else { return .bytes(.plaintext, .serverWithoutSidecar) }
        if pod.takesHBONE { return .bytes(.hbone, .serverTakesHBONE) }
        if case .service(let service, _) = target, let waypoint = index.waypoint(of: service.meta) {
            return fromWaypoint(waypoint, to: endpoint)
        }
        return .bytes(
            .plaintext, pod.takesLegacyMTLS ? .serverWithoutTunnel : .serverWithoutSidecar)
    }

    /// Istio's code and tests disagree on whether a waypoint sends Istio's own mTLS to a sidecar without
    /// the tunnel label (`endpoint_builder.go` against `cluster_tls_test.go`).
    private func fromWaypoint(_ waypoint: Pod, to endpoint: FlowIndex.Endpoint) -> Sending {
        if case .host(let host, let port) = target {
            return fromGateway(waypoint, toHost: host, port: port)
        }
        guard let pod = endpoint.pod else { return .bytes(.plaintext, .serverWithoutSidecar) }
        if pod.takesHBONE { return .bytes(.hbone, .serverTakesHBONE) }
        return pod.takesLegacyMTLS
            ? .either([.mtls, .plaintext], .waypointHop)
            : .bytes(.plaintext, .serverWithoutSidecar)
    }

    /// Gateways choose endpoint by endpoint, for headless Services too.
    private func fromGateway(_ pod: Pod, to endpoint: FlowIndex.Endpoint) -> Sending {
        switch target {
        case .service(let service, let port):
            let (bytes, reason) = envoy(pod, service, port).toEndpoint(facts(endpoint))
            return .bytes(bytes, reason)
        case .pod: return .unknown(.gatewayToPodIP)
        case .host(let host, let port): return fromGateway(pod, toHost: host, port: port)
        }
    }

    private func fromSidecar(_ pod: Pod, to endpoint: FlowIndex.Endpoint) -> Sending {
        switch target {
        case .service(let service, let port):
            return fromSidecar(pod, to: service, port, endpoint)
        case .pod(let server, let port):
            switch Interception.ofOutbound(to: server.ip, port: port, from: pod) {
            case .excluded: return .bytes(.plaintext, .outboundExcluded)
            case .unknown: return .unknown(.addressUnknown)
            case .taken: break
            }
            // A headless Service's TCP port has a listener for each pod's address.
            guard let (service, found) = headless(leadingTo: server, port: port, for: pod) else {
                return isRegistryOnly(pod)
                    ? .blocked(.registryOnly) : .bytes(.plaintext, .podIPPassthrough)
            }
            let all = index.endpoints(of: service, port: found).map(facts)
            let (bytes, reason) = envoy(pod, service, found).toHeadless(all)
            return .bytes(bytes, reason)
        case .host(let host, let port): return fromSidecar(pod, toHost: host, port: port)
        }
    }

    private func fromSidecar(
        _ pod: Pod, to service: Service, _ port: ServicePort, _ endpoint: FlowIndex.Endpoint
    ) -> Sending {
        let address = service.isHeadless ? endpoint.address : service.clusterIP
        switch Interception.ofOutbound(to: address, port: port.number, from: pod) {
        case .excluded: return .bytes(.plaintext, .outboundExcluded)
        case .unknown: return .unknown(.addressUnknown)
        case .taken: break
        }
        if !knows(service, pod) {
            return isRegistryOnly(pod)
                ? .blocked(.registryOnly) : .bytes(.plaintext, .outsideEgress)
        }
        let envoy = envoy(pod, service, port)
        let choosesByEndpoint = index.state.flows.settings(for: pod).headlessByEndpoint
        let (bytes, reason) =
            service.isHeadless && !choosesByEndpoint || envoy.rule?.isPassthrough == true
            ? envoy.toHeadless(peers.map(facts)) : envoy.toEndpoint(facts(endpoint))
        return .bytes(bytes, reason)
    }

    /// The DestinationRule that the client's Envoy takes for the target, `namespace/name`.
    var destinationRule: String? {
        guard case .pod(let pod) = client else { return nil }
        switch target {
        case .service(let service, let port): return envoy(pod, service, port).rule?.decidedBy
        case .pod(let server, let port):
            return headless(leadingTo: server, port: port, for: pod)
                .flatMap { envoy(pod, $0.0, $0.1).rule?.decidedBy }
        case .host(let host, let port): return rule(from: pod, toHost: host, port: port)?.decidedBy
        }
    }

    private func envoy(_ pod: Pod, _ service: Service, _ port: ServicePort) -> EnvoySending {
        var sending = EnvoySending(
            rule: configuration.rules.tls(
                forPort: port.number, ofHost: service.host, in: service.meta.namespace,
                client: .init(namespace: pod.meta.namespace, labels: pod.meta.labels)),
            namespaceMode: EffectiveMode.clientSideMode(
                ofNamespace: service.meta.namespace, policies: configuration.policies),
            settings: index.state.flows.settings(for: pod))
        if pod.declinesSendingHBONE { sending.sendsHBONE = false }
        return sending
    }

    private func facts(_ endpoint: FlowIndex.Endpoint) -> EnvoySending.Endpoint {
        guard let pod = endpoint.pod else {
            return .init(takesLegacyMTLS: false, takesHBONE: false, mode: EffectiveMode.byDefault)
        }
        let mode = EffectiveMode.decide(
            namespace: pod.meta.namespace, podLabels: pod.meta.labels,
            policies: configuration.policies)
        return .init(
            takesLegacyMTLS: pod.takesLegacyMTLS, takesHBONE: pod.takesHBONE,
            mode: mode.mode(forPort: endpoint.port))
    }

    private func headless(
        leadingTo server: Pod, port: Int, for client: Pod
    ) -> (Service, ServicePort)? {
        for service in index.services(in: server.meta.namespace)
        where service.isHeadless && knows(service, client) {
            for found in service.ports
            where found.transport == "TCP" && PortProtocol(found) != .http {
                let leadsThere = index.endpoints(of: service, port: found).contains {
                    $0.pod?.text == server.text && $0.port == port
                }
                if leadsThere { return (service, found) }
            }
        }
        return nil
    }

    private func knows(_ service: Service, _ pod: Pod) -> Bool {
        guard service.isExported(to: pod.meta.namespace) else { return false }
        return configuration.scopes.scope(of: pod)?.knows(
            host: service.host, in: service.meta.namespace, from: pod.meta.namespace) ?? true
    }

    func isRegistryOnly(_ pod: Pod) -> Bool {
        configuration.scopes.scope(of: pod)?.registryOnly
            ?? index.state.flows.settings(for: pod).registryOnly
    }
}

extension FlowIndex {
    /// The waypoint through which ztunnel sends the traffic of a Service or ServiceEntry: one is named on it,
    /// or on its namespace, and has a pod (istio `pilot/pkg/serviceregistry/ambient/waypoints.go`).
    func waypoint(of meta: ObjectMeta) -> Pod? {
        let namespace = namespace(meta.namespace)?.meta.labels
        let key = "istio.io/use-waypoint"
        let labels = meta.labels[key] == nil ? namespace ?? [:] : meta.labels
        guard let name = labels[key], name != "none" else { return nil }
        return pods(in: labels["\(key)-namespace"] ?? meta.namespace).first {
            $0.isWaypoint && $0.meta.labels["gateway.networking.k8s.io/gateway-name"] == name
        }
    }
}
