package import MeshModel

/// A piece of a cluster, to be put together with `mesh(...)`.
package struct MeshPart: Sendable {
    package var namespaces: [Namespace] = []
    package var workloads: [Workload] = []
    package var pods: [Pod] = []
    package var policies: [PeerAuthentication] = []
    package var flows = FlowObjects()

    package init() {}
}

/// A cluster of these parts, its lists sorted as a reader would leave them.
///
///     mesh(
///         namespace("shop", labels: ["istio-injection": "enabled"]),
///         deployment("shop/cart", labels: ["app": "cart"], plane: .sidecar),
///         policy("shop/default", .strict))
package func mesh(
    _ parts: MeshPart..., rootNamespace: String = "istio-system", revisions: Set<String>? = nil
) -> MeshState {
    mesh(parts, rootNamespace: rootNamespace, revisions: revisions)
}

package func mesh(
    _ parts: [MeshPart], rootNamespace: String = "istio-system", revisions: Set<String>? = nil
) -> MeshState {
    func byName(_ a: ObjectMeta, _ b: ObjectMeta) -> Bool {
        (a.namespace, a.name) < (b.namespace, b.name)
    }
    var flows = FlowObjects()
    for part in parts {
        flows.services += part.flows.services
        flows.endpointSlices += part.flows.endpointSlices
        flows.destinationRules += part.flows.destinationRules
        flows.serviceEntries += part.flows.serviceEntries
        flows.sidecarScopes += part.flows.sidecarScopes
    }
    return MeshState(
        clusterUID: "cluster-1", rootNamespace: rootNamespace,
        namespaces: parts.flatMap(\.namespaces).sorted { byName($0.meta, $1.meta) },
        workloads: parts.flatMap(\.workloads).sorted { $0.id < $1.id },
        pods: parts.flatMap(\.pods).sorted { byName($0.meta, $1.meta) },
        peerAuthentications: parts.flatMap(\.policies).sorted { byName($0.meta, $1.meta) },
        revisions: revisions, flows: flows
    ).sorted
}

package func namespace(
    _ name: String, labels: [String: String] = [:], isTerminating: Bool = false,
    managedFields: [ManagedFields] = []
) -> MeshPart {
    var part = MeshPart()
    part.namespaces = [
        Namespace(
            meta: ObjectMeta(
                name: name, uid: "ns-\(name)", resourceVersion: "1", labels: labels,
                isTerminating: isTerminating, managedFields: managedFields))
    ]
    return part
}

/// `shop/cart` in its two halves.
func split(_ path: String) -> (namespace: String, name: String) {
    let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
    precondition(parts.count == 2, "a path is namespace/name: \(path)")
    return (parts[0], parts[1])
}
