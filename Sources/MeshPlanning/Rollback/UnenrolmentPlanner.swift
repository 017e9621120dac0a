import Diagnostics
package import MeshModel

/// Takes the ambient label off the namespaces that meshctl put it on: istio-cni then lets their pods go, also
/// while istiod is away. No pod restarts.
///
/// Servers leave before their clients: what is still captured sends plaintext to a server that has left, but a
/// client that has left would be refused by a server that still is STRICT.
package enum UnenrolmentPlanner {
    /// - Parameter flows: who calls whom; without them all leave at once.
    package static func plan(on observed: MeshState, flows: [Flow] = []) -> PlannedRollback {
        let observed = observed.sorted
        let ambient = observed.namespaces.filter {
            !$0.meta.isTerminating && $0.meta.labels[key] == "ambient"
        }
        let ours = ambient.filter { MeshctlMark.plan(settingLabels: [key], of: $0.meta) != nil }
        let names = Set(ours.map(\.name))
        let order = serversFirst(names, flows)
        var steps: [Step] = []
        for (index, batch) in order.enumerated() {
            for namespace in ours where batch.contains(namespace.name) {
                steps.append(
                    Step(
                        id: StepID(steps.count + 1), phase: .restore, batch: index + 1,
                        change: .labels(
                            NamespaceLabelChange(
                                namespace: namespace.name, uid: namespace.meta.uid,
                                before: [key: "ambient"], after: [key: nil]))))
            }
        }
        var planned = PlannedRollback(
            rollout: Rollout(steps: steps, settings: EmergencyPlanner.settings))
        planned.addRest(ambient.filter { !names.contains($0.name) }, leaving: names, on: observed)
        return planned
    }

    fileprivate static let key = LabelKeys.dataplaneMode

    /// Namespaces that call each other, in a circle too, leave together.
    private static func serversFirst(
        _ names: Set<String>, _ flows: [Flow]
    ) -> [Set<String>] {
        var servers: [String: Set<String>] = [:]
        for flow in flows {
            guard let client = flow.client.namespace, let server = flow.server.namespace,
                client != server, names.contains(client), names.contains(server)
            else { continue }
            servers[client, default: []].insert(server)
        }
        var batches: [Set<String>] = []
        var rest = names
        while !rest.isEmpty {
            let free = rest.filter { servers[$0, default: []].isDisjoint(with: rest) }
            let next = free.isEmpty ? rest : free
            batches.append(next)
            rest.subtract(next)
        }
        return batches
    }
}

extension PlannedRollback {
    /// What stays in the mesh all the same, and why.
    fileprivate mutating func addRest(
        _ others: [Namespace], leaving names: Set<String>, on observed: MeshState
    ) {
        let key = UnenrolmentPlanner.key
        if let first = others.first {
            diagnostics.append(
                Diagnostic(
                    .leftOver, .note,
                    "in ambient by others, and left there: "
                        + others.map(\.name).joined(separator: ", "),
                    detail: "meshctl did not set their label. To take one out:",
                    remedy: "kubectl label namespace \(first.name) \(key)-"))
        }
        let labelled = Dictionary(
            grouping: observed.pods.filter {
                $0.isLive && $0.meta.labels[key] == "ambient" && names.contains($0.meta.namespace)
            }, by: \.meta.namespace)
        for (namespace, pods) in labelled.sorted(by: { $0.key < $1.key }) {
            leftAlone += pods.map {
                ObjectReference(kind: "Pod", namespace: namespace, name: $0.meta.name)
            }
            diagnostics.append(
                Diagnostic(
                    .leftOver, .warning,
                    "\(pods.count) pods of namespace \(namespace) have the ambient label themselves, "
                        + "and stay in the mesh",
                    detail: "Their templates gave it to them, and new pods get it again. "
                        + "To let these go without a restart:",
                    remedy: "kubectl -n \(namespace) label pods -l \(key)=ambient \(key)-"))
        }
        let injected = observed.namespaces.filter {
            MeshctlMark.plan(
                settingLabels: [LabelKeys.injection, LabelKeys.revision], of: $0.meta) != nil
        }.map(\.name)
        if !injected.isEmpty {
            diagnostics.append(
                Diagnostic(
                    .leftOver, .note,
                    "sidecars stay in \(injected.joined(separator: ", "))",
                    detail:
                        "Without them every pod would have to restart. Relaxed, they take plaintext. "
                        + "`meshctl rollback` takes them out."))
        }
        if !names.isEmpty, observed.surroundings.authorizationPolicies?.isEmpty == false {
            diagnostics.append(
                Diagnostic(
                    .authzIdentityLost, .note,
                    "AuthorizationPolicies stay, and may refuse callers that leave",
                    detail:
                        "Who leaves has no identity any more. In the namespaces that leave none of "
                        + "them is enforced."))
        }
        addRules(to: names, on: observed)
    }

    /// A sidecar that is told to speak Istio's mTLS does so to pods that no longer take it.
    private mutating func addRules(to names: Set<String>, on observed: MeshState) {
        let rules = observed.flows.destinationRules.filter { rule in
            let policy = rule.trafficPolicy
            return
                (policy?.tls == .istioMutual
                || policy?.ports.values.contains(.istioMutual) ?? false)
                && rule.serverNamespace.map(names.contains) ?? !names.isEmpty
        }
        for rule in rules {
            diagnostics.append(
                Diagnostic(
                    .istioMutualWithoutSidecar, .warning,
                    "DestinationRule \(rule.meta.namespace)/\(rule.meta.name) has sidecars send Istio's "
                        + "mTLS to \(rule.host), whose pods leave the mesh",
                    detail: "It stays. Where sidecars call this host, take the mode out:",
                    remedy: "kubectl -n \(rule.meta.namespace) edit destinationrule "
                        + rule.meta.name))
        }
    }
}

extension DestinationRule {
    /// Of `web`, `web.shop` and `web.shop.svc…`; nil for a host of no one namespace.
    fileprivate var serverNamespace: String? {
        let parts = host.split(separator: ".").map(String.init)
        if parts.count == 1 { return host == "*" ? nil : meta.namespace }
        return parts.count == 2 || parts[2] == "svc" ? parts[1] : nil
    }
}

extension Flow.Client {
    fileprivate var namespace: String? {
        switch self {
        case .workload(let id): id.namespace
        case .pod(let namespace, _): namespace
        case .external, .apiServer, .node, .cidr, .cluster: nil
        }
    }
}
