/// What was read of a cluster, or of manifests: the one input of every decision.
///
/// All lists are sorted by namespace and name, so that equal clusters give equal plans.
package struct MeshState: Sendable, Equatable {
    /// `metadata.uid` of the `kube-system` namespace; empty when the state comes from manifests.
    package var clusterUID: String
    package var rootNamespace: String
    package var namespaces: [Namespace]
    package var workloads: [Workload]
    package var pods: [Pod]
    package var peerAuthentications: [PeerAuthentication]
    /// Revisions and tags that have an injection webhook; nil when no webhook could be read,
    /// and then the revisions that labels name are assumed to exist.
    package var revisions: Set<String>?
    /// Services and what else decides about flows.
    package var flows: FlowObjects

    package init(
        clusterUID: String = "", rootNamespace: String = "istio-system",
        namespaces: [Namespace] = [], workloads: [Workload] = [], pods: [Pod] = [],
        peerAuthentications: [PeerAuthentication] = [], revisions: Set<String>? = nil,
        flows: FlowObjects = FlowObjects()
    ) {
        self.clusterUID = clusterUID
        self.rootNamespace = rootNamespace
        self.namespaces = namespaces
        self.workloads = workloads
        self.pods = pods
        self.peerAuthentications = peerAuthentications
        self.revisions = revisions
        self.flows = flows
    }
}

package struct Namespace: Sendable, Hashable {
    package var meta: ObjectMeta

    package init(meta: ObjectMeta) { self.meta = meta }

    package var name: String { meta.name }
}
