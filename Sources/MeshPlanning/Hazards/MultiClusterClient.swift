package import Diagnostics
import MeshModel

/// Workloads that other clusters of the mesh can reach: what those send is not to be seen from here.
///
/// The signs are an east-west gateway, or a network name on the root namespace
/// (istio.io, "Install Multi-Primary on different networks").
package enum MultiClusterClient: Hazard {
    package static func diagnostics(in context: HazardContext) -> [Diagnostic] {
        guard let sign = sign(in: context) else { return [] }
        let declared = Set(
            context.flows.filter { if case .cluster = $0.client { true } else { false } }
                .compactMap(\.server.namespace))
        var tightened: [String: [Pod]] = [:]
        for (old, new) in zip(context.observed.pods, context.reached.pods)
        where old.isLive && !declared.contains(old.meta.namespace) {
            if becomesStrict(old, new, context) {
                tightened[old.meta.namespace, default: []].append(old)
            }
        }
        return tightened.sorted { $0.key < $1.key }.map { namespace, pods in
            let names = HazardWords.workloads(of: pods, in: context.now)
            return Diagnostic(
                .multiClusterClient, .warning,
                "cannot judge whether clients in other clusters still reach \(namespace) under STRICT",
                detail:
                    "\(sign), so other clusters of the mesh can reach \(HazardWords.list(names)); "
                    + "without mesh certificates of the same trust they would be refused. Say which "
                    + "of them call, and check there that they are in the mesh:",
                remedy: """
                    flows:
                      - from: {cluster: NAME}
                        to: {namespace: \(namespace), service: SERVICE, port: PORT}
                    """)
        }
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

    private static let network = "topology.istio.io/network"

    /// What shows that there are other clusters, as the beginning of a sentence.
    private static func sign(in context: HazardContext) -> String? {
        let state = context.observed
        let gateways =
            state.flows.services.filter {
                $0.meta.labels["istio"] == "eastwestgateway" || $0.meta.labels[network] != nil
            }.map { "Service \($0.meta.text)" }
            + state.pods.filter { pod in
                pod.isLive
                    && (pod.meta.labels["istio"] == "eastwestgateway"
                        || pod.meta.labels["gateway.networking.k8s.io/gateway-class-name"]
                            == "istio-east-west")
            }.map { "pod \($0.text)" }
        if let gateway = gateways.min() { return "\(gateway) is an east-west gateway" }
        let root = state.namespaces.first { $0.name == state.rootNamespace }
        return root?.meta.labels[network].map {
            "namespace \(state.rootNamespace) is of network \($0)"
        }
    }
}
