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
    package var injectors: InjectorConfiguration
    /// Services and what else decides about flows.
    package var flows: FlowObjects
    package var surroundings: Surroundings

    package init(
        clusterUID: String = "", rootNamespace: String = "istio-system",
        namespaces: [Namespace] = [], workloads: [Workload] = [], pods: [Pod] = [],
        peerAuthentications: [PeerAuthentication] = [], revisions: Set<String>? = nil,
        injectors: InjectorConfiguration = InjectorConfiguration(),
        flows: FlowObjects = FlowObjects(), surroundings: Surroundings = Surroundings()
    ) {
        self.clusterUID = clusterUID
        self.rootNamespace = rootNamespace
        self.namespaces = namespaces
        self.workloads = workloads
        self.pods = pods
        self.peerAuthentications = peerAuthentications
        self.revisions = revisions
        self.injectors = injectors
        self.flows = flows
        self.surroundings = surroundings
    }
}

extension MeshState {
    /// What decides about whom istio-cni enrols.
    package var enrolment: AmbientEnrolment.Environment {
        AmbientEnrolment.Environment(surroundings.cni)
    }

    /// What decides about sidecars of new pods.
    package var injection: Injection.Environment {
        Injection.Environment(revisions: revisions, injectors: injectors)
    }
}

package struct Namespace: Sendable, Hashable {
    package var meta: ObjectMeta

    package init(meta: ObjectMeta) { self.meta = meta }

    package var name: String { meta.name }
}
