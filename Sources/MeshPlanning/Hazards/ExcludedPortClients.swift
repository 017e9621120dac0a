package import Diagnostics
import MeshModel

/// Client rules and excluded ports that do not fit together. istiod does not know which ports a pod keeps
/// from its sidecar, so sidecar clients send them mTLS that nobody terminates (istio#30311); and a rule that
/// makes clients send plaintext, where the sidecar does stand before the port, opens them to STRICT.
package enum ExcludedPortClients: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        let mesh = context.then
        guard mesh.state.pods.contains(where: { $0.isLive && $0.dataplane == .sidecar }) else {
            return []
        }
        let concerned = concernedServices(in: mesh)
        guard !concerned.isEmpty else { return [] }
        let callers = Callers(of: concerned, in: context)
        let judge = FlowJudge(mesh)
        return concerned.flatMap { service in
            service.ports.compactMap { port -> Diagnostic? in
                guard let clients = callers.clients(of: service, port) else { return nil }
                return clients.lazy.flatMap {
                    judge.judge(.pod($0), to: .service(service, port))
                }.compactMap { diagnostic($0, service, port) }.first
            }
        }
    }

    /// Services that lead to a pod that keeps ports from its sidecar, or that a rule says DISABLE about.
    private static func concernedServices(in mesh: FlowIndex) -> [Service] {
        let odd = Set(
            mesh.state.pods.filter { $0.isLive && $0.dataplane == .sidecar && $0.keepsPorts }
                .map(\.meta.namespace))
        let ruled = mesh.state.flows.destinationRules.contains(where: \.disables)
        guard !odd.isEmpty || ruled else { return [] }
        return mesh.state.flows.services.filter {
            !$0.isExternalName && (ruled || odd.contains($0.meta.namespace))
        }.sorted { $0.meta.text < $1.meta.text }
    }

    private static func diagnostic(
        _ found: FlowJudge.EndpointVerdict, _ service: Service, _ port: ServicePort
    ) -> Diagnostic? {
        guard let pod = found.endpoint.pod, pod.dataplane == .sidecar else { return nil }
        let name = "\(service.meta.text):\(port.number)"
        if found.verdict.reason == .mtlsToExcludedPort {
            return Diagnostic(
                .excludedPortClients, .warning,
                "sidecars send mTLS to \(name), which bypasses the server's sidecar",
                detail:
                    "Annotations of \(pod.text) keep container port \(found.endpoint.port) from its "
                    + "sidecar; the application gets a TLS handshake, and clients see "
                    + "WRONG_VERSION_NUMBER or 503. Tell the clients, or take the port out of the "
                    + "annotation:",
                remedy: service.isHeadless
                    ? clientRule(service, port)
                    : clientRule(service, port) + "\n---\n"
                        + serverRule(pod, found.endpoint.port))
        }
        guard let rule = found.destinationRule, found.verdict.sent == .plaintext,
            Interception.takesInbound(port: found.endpoint.port, of: pod)
        else { return nil }
        let refused = found.verdict.outcome == .refused
        return Diagnostic(
            .excludedPortClients, .warning,
            "DestinationRule \(rule) makes clients send plaintext to \(name)"
                + (refused ? ", where STRICT refuses it" : ""),
            detail:
                "The server's sidecar stands before container port \(found.endpoint.port) and would "
                + "take mTLS, so the rule is not needed. Take DISABLE out of it for this port, or keep the "
                + "port from the sidecar with traffic.sidecar.istio.io/excludeInboundPorts.",
            remedy: "kubectl -n \(rule.prefix { $0 != "/" }) edit destinationrule "
                + "\(rule.drop { $0 != "/" }.dropFirst())")
    }

    /// In the Service's namespace, for all clients (istio `portLevelSettings`, Service port).
    private static func clientRule(_ service: Service, _ port: ServicePort) -> String {
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: \(service.meta.name)-plaintext-\(port.number), namespace: \(service.meta.namespace)}
        spec:
          host: \(service.host)
          trafficPolicy:
            portLevelSettings:
              - port: {number: \(port.number)}
                tls: {mode: DISABLE}
        """
    }

    /// In its place: sidecars see the mode of the endpoint's port (container port).
    private static func serverRule(_ pod: Pod, _ port: Int) -> String {
        """
        # or, in the plan file, an exception of namespace \(pod.meta.namespace):
        \(HazardWords.exception("excluded-port", for: pod, ports: [port], mode: .disable, reason: "the port bypasses the sidecar"))
        """
    }
}

/// The sidecars that are known to call the ports of some Services.
private struct Callers {
    private var pods: [String: [Pod]] = [:]
    /// Ports of which the search for an order reports a flow.
    private var told: Set<String> = []

    init(of services: [Service], in context: HazardContext) {
        let concerned = Set(services.map(\.meta.text))
        for case .service(let namespace, let name, let port) in context.broken.map(\.flow.server) {
            told.insert("\(namespace)/\(name):\(port)")
        }
        for flow in context.flows where flow.expect == .carried {
            guard case .service(let namespace, let name, let port) = flow.server,
                concerned.contains("\(namespace)/\(name)")
            else { continue }
            let key = "\(namespace)/\(name):\(port)"
            if FlowFate(flow, in: context).isToldByOrder { told.insert(key) }
            for case .pod(let pod) in context.then.clients(of: flow.client)
            where pod.dataplane == .sidecar {
                pods[key, default: []].append(pod)
            }
        }
    }

    /// Any sidecar where no caller is known; nil where others report the port.
    func clients(of service: Service, _ port: ServicePort) -> [Pod]? {
        let key = "\(service.meta.text):\(port.number)"
        guard !told.contains(key) else { return nil }
        return pods[key] ?? [Self.anySidecar(in: service.meta.namespace)]
    }

    private static func anySidecar(in namespace: String) -> Pod {
        Pod(
            meta: ObjectMeta(
                name: "client", namespace: namespace,
                annotations: [LabelKeys.sidecarStatus: "{}"]),
            containers: [Container(name: "istio-proxy")])
    }
}

extension Pod {
    /// Whether annotations leave any port out; the sidecar's own are always left out.
    fileprivate var keepsPorts: Bool {
        meta.annotations.keys.contains {
            $0 == "traffic.sidecar.istio.io/excludeInboundPorts"
                || $0 == "traffic.sidecar.istio.io/includeInboundPorts"
                || $0 == "sidecar.istio.io/interceptionMode"
        }
    }
}

extension DestinationRule {
    fileprivate var disables: Bool {
        trafficPolicy?.tls == .disable
            || trafficPolicy?.ports.values.contains { $0 == .disable } ?? false
    }
}
