package import Diagnostics
import MeshModel

/// Workloads that other clusters of the mesh can reach: what those send is not to be seen from here.
///
/// An east-west gateway hands on what an Istio Gateway with AUTO_PASSTHROUGH names, and that of ambient what is
/// labelled `istio.io/global` (istio.io, "Install Multi-Primary on different networks", of sidecars and of ambient).
/// STRICT on such a Service blocks the plan until its file says who calls. A gateway that exposes nothing of a
/// namespace, or a mere network name on the root namespace, proves nothing: they are a warning.
package enum MultiClusterClient: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        guard let signs = MultiClusterSigns(context.observed) else { return [] }
        var tightened: [String: [Pod]] = [:]
        for (old, new) in zip(context.observed.pods, context.reached.pods) where old.isLive {
            if becomesStrict(old, new, context) {
                tightened[old.meta.namespace, default: []].append(old)
            }
        }
        guard !tightened.isEmpty else { return [] }
        let settled = SettledClusterFlows(context)
        return tightened.sorted { $0.key < $1.key }.compactMap { namespace, pods in
            let exposed = services(of: pods, in: namespace, context)
                .filter { signs.expose($0) }
            let open = exposed.filter { !settled.covers($0) }
            if let first = open.first { return blocked(open, signs.exposing(first), context) }
            guard exposed.isEmpty, !settled.names(namespace) else { return nil }
            return doubtful(pods, in: namespace, signs.first, context)
        }
    }

    /// The Services that lead to these pods.
    private static func services(
        of pods: [Pod], in namespace: String, _ context: HazardContext
    ) -> [Service] {
        let names = Set(pods.map(\.text))
        return context.now.services(in: namespace).filter { service in
            service.ports.contains { port in
                context.now.endpoints(of: service, port: port).contains {
                    $0.pod.map { names.contains($0.text) } ?? false
                }
            }
        }.sorted { $0.meta.name < $1.meta.name }
    }

    /// Services that the text to paste names before it counts the rest.
    private static let named = 10

    private static func blocked(
        _ services: [Service], _ sign: String, _ context: HazardContext
    ) -> Diagnostic {
        let names = services.map(\.meta.text)
        let entries = services.prefix(named).map { service in
            """
              - from: {cluster: NAME}
                to: {namespace: \(service.meta.namespace), service: \(service.meta.name), \
            port: \(service.ports.first { $0.transport != "UDP" }?.number ?? 0)}
            """
        }
        let rest = services.count - entries.count
        return Diagnostic(
            .multiClusterClient, .error,
            "cannot judge whether clients in other clusters still reach "
                + "\(HazardWords.list(names)) under STRICT",
            detail:
                "\(sign), so other clusters of the mesh call \(services.count == 1 ? "it" : "them") "
                + "or may do so; without mesh certificates of the same root they would be refused. "
                + "Check in those clusters that the callers are in the mesh, then say of each Service who "
                + "calls it, with `expect: refused` where nobody is to:",
            remedy: (["# under spec:", "flows:"] + entries
                + (rest > 0 ? ["  # and \(rest) more, in the same way"] : [])).joined(
                    separator: "\n"),
            at: context.entry(of: services[0].meta.namespace)?.range)
    }

    private static func doubtful(
        _ pods: [Pod], in namespace: String, _ sign: String, _ context: HazardContext
    ) -> Diagnostic {
        let names = HazardWords.workloads(of: pods, in: context.now)
        return Diagnostic(
            .multiClusterClient, .warning,
            "cannot judge whether clients in other clusters still reach \(namespace) under STRICT",
            detail:
                "\(sign), so other clusters of the mesh may reach \(HazardWords.list(names)); "
                + "without mesh certificates of the same root they would be refused. Say which "
                + "of them call, and check there that they are in the mesh:",
            remedy: """
                # under spec:
                flows:
                  - from: {cluster: NAME}
                    to: {namespace: \(namespace), service: SERVICE, port: PORT}
                """)
    }

    private static func becomesStrict(_ old: Pod, _ new: Pod, _ context: HazardContext) -> Bool {
        func hasStrict(_ pod: Pod, _ policies: PeerAuthenticationIndex) -> Bool {
            let enforcement = Enforcement(
                on: pod.dataplane, namespace: pod.meta.namespace, podLabels: pod.meta.labels,
                policies: policies)
            return enforcement?.mode == .strict
                || enforcement?.ports.values.contains(.strict) ?? false
        }
        return hasStrict(new, context.then.policies) && !hasStrict(old, context.now.policies)
    }
}

/// What the plan file says of calls from other clusters.
private struct SettledClusterFlows {
    private let context: HazardContext
    private let servers: [FlowEntry.Server]
    private let dismissals: FlowDismissals

    init(_ context: HazardContext) {
        self.context = context
        servers = context.plan.flows.compactMap { flow in
            if case .cluster = flow.from { flow.to } else { nil }
        }
        let ignored = context.plan.ignoreFlows
        dismissals = FlowDismissals(
            ignored, texts: [],
            in: InferenceFacts(
                ignored.isEmpty ? MeshState() : context.observed, plan: context.plan))
    }

    func covers(_ service: Service) -> Bool {
        servers.contains { isIt($0, service) }
            || service.ports.contains { port in
                let flow = Flow(
                    from: .cluster(""),
                    to: .service(
                        namespace: service.meta.namespace, name: service.meta.name,
                        port: port.number), origin: .observed, because: "")
                return dismissals.reason(for: flow, text: "") != nil
            }
    }

    func names(_ namespace: String) -> Bool {
        servers.contains { server in
            switch server {
            case .service(namespace, _, _), .pod(namespace, _, _): true
            case .host(let host, _): ServiceHost(host)?.namespace == namespace
            default: false
            }
        }
    }

    private func isIt(_ server: FlowEntry.Server, _ service: Service) -> Bool {
        switch server {
        case .service(let namespace, let name, _):
            return (namespace, name) == (service.meta.namespace, service.meta.name)
        case .host(let host, _): return host == service.host
        case .pod(let namespace, let name, _):
            return service.ports.contains { port in
                context.now.endpoints(of: service, port: port).contains {
                    $0.pod?.text == "\(namespace)/\(name)"
                }
            }
        }
    }
}
