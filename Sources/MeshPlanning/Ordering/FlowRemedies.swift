import MeshModel

/// The lines of a plan file that keep a flow which a rollout would break.
struct FlowRemedies {
    let index: FlowIndex
    let namespaces: [String: ResolvedNamespace]

    init(index: FlowIndex, namespaces: [ResolvedNamespace]) {
        self.index = index
        self.namespaces = Dictionary(
            namespaces.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// nil where no entry of a plan file helps.
    func remedy(for found: FlowBreak, of breaks: [FlowBreak]) -> String? {
        switch found.after.reason {
        case .strictRefusesPlaintext, .strictRefusesTLS, .strictRefusesLegacyMTLS, .nodeUnknown:
            found.after.sentBecause == .serverWithoutTunnel
                && index.state.flows.settings.injectsHBONE
                ? restart(of: found) : exception(for: found, of: breaks)
        case .mtlsToExcludedPort, .mtlsToPlainServer, .mtlsNotTerminated: clientRule(for: found)
        case .httpProtocolError, .httpPortRefusesTLS:
            found.after.sent == .mtls ? clientRule(for: found) : nil
        case .registryOnly:
            if case .host(let host, let port) = found.flow.server {
                external(for: found, host: host, port: port)
            } else {
                egress(for: found)
            }
        default: nil
        }
    }

    private func exception(for found: FlowBreak, of breaks: [FlowBreak]) -> String? {
        guard let pod = found.server else { return nil }
        let selector = selector(of: pod, for: found.flow)
        guard !selector.isEmpty else { return nil }
        let existing = namespaces[pod.meta.namespace]?.entry.exceptions
            .first { $0.selector == LabelSelector(selector) }
        var ports = existing?.ports ?? [:]
        ports[found.port] = .permissive
        let clients = Set(breaks.map { name(of: $0.flow.client) }).sorted().prefix(3)
            .joined(separator: ", ")
        return """
            # under the entry of namespace \(pod.meta.namespace):
            exceptions:
              - name: \(YAMLText.scalar(existing?.name ?? name(of: pod)))
                selector: \(YAMLText.flow(selector))
                ports: {\(Self.text(of: ports))}
                reason: \(YAMLText.line("\(clients) cannot send mTLS"))
            """
    }

    /// By what the Service selects, else by the labels that charts and people tell applications apart with.
    private func selector(of pod: Pod, for flow: Flow) -> [String: String] {
        if case .service(let namespace, let name, _) = flow.server,
            let selector = index.service(namespace, name)?.selector, !selector.isEmpty
        {
            return selector
        }
        let keys = ["app.kubernetes.io/name", "app.kubernetes.io/component", "app", "k8s-app"]
        return pod.meta.labels.filter { keys.contains($0.key) }
    }

    private func name(of client: Flow.Client) -> String {
        switch client {
        case .external: "clients outside the cluster"
        case .apiServer: "the API server"
        default: client.text
        }
    }

    private func name(of pod: Pod) -> String {
        index.workloads.controller(of: pod)?.name ?? pod.meta.name
    }

    private func clientRule(for found: FlowBreak) -> String? {
        guard case .service(let namespace, let name, let port) = found.flow.server,
            let service = index.service(namespace, name)
        else { return nil }
        return """
            # under spec:
            clients:
              - host: \(YAMLText.scalar(service.host))
                ports: {\(port): DISABLE}
                reason: \(YAMLText.line("port \(found.port) takes no mTLS"))
            """
    }

    private func egress(for found: FlowBreak) -> String? {
        guard let client = found.client, let server = found.flow.server.namespace else {
            return nil
        }
        return egress(of: client, adding: "\(server)/*")
    }

    private func egress(of client: Pod, adding host: String) -> String {
        let listed = index.configuration.scopes.scope(of: client)?.egressHosts ?? []
        let hosts =
            namespaces[client.meta.namespace]?.entry.egress ?? (listed.isEmpty ? ["./*"] : listed)
        return """
            # under the entry of namespace \(client.meta.namespace):
            egress: [\((hosts + [host]).map(YAMLText.quoted).joined(separator: ", "))]
            """
    }

    /// The registry's entry for the host, unless one is there that only the client's `Sidecar` hides; and the
    /// line of egress that the client needs to see it.
    private func external(for found: FlowBreak, host: String, port: Int) -> String? {
        guard let client = found.client else { return nil }
        let home = client.meta.namespace
        let known = index.configuration.entries.entry(
            forHost: host, port: port, client: home, scope: nil)
        let scope = index.configuration.scopes.scope(of: client)
        let name = known.flatMap { $0.name(for: host) } ?? host
        let place = known?.meta.namespace ?? home
        var lines: [String] = []
        if known == nil {
            // There are no addresses to look up of what is an address.
            let isAddress = IPRange(host) != nil
            guard !isAddress else { return nil }
            lines.append(
                """
                # under spec:
                external:
                  - host: \(YAMLText.scalar(host))
                    namespace: \(home)
                    port: \(port)
                    protocol: \(Self.protocols[port] ?? "TCP")
                """)
        }
        if let scope, !scope.knows(host: name, in: place, from: home) {
            lines.append(egress(of: client, adding: "\(place == home ? "." : place)/\(name)"))
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    private static let protocols = [80: "HTTP", 443: "TLS"]

    private func restart(of found: FlowBreak) -> String? {
        guard let pod = found.server, let id = index.workloads.controller(of: pod) else {
            return nil
        }
        return
            "kubectl -n \(id.namespace) rollout restart \(id.kind.rawValue.lowercased())/\(id.name)"
    }

    private static func text(of ports: [Int: MTLSMode]) -> String {
        ports.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.rawValue)" }
            .joined(separator: ", ")
    }
}
