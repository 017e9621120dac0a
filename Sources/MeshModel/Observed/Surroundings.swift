/// What stands around the workloads: it decides about no verdict, and about what goes wrong on the way.
///
/// Each list is nil where it could not be read, which is not the same as empty.
package struct Surroundings: Sendable, Equatable {
    package var networkPolicies: [NetworkPolicy]?
    package var authorizationPolicies: [AuthorizationPolicy]?
    package var nodes: [ClusterNode]?
    /// istiod's Deployments.
    package var controlPlanes: [ControlPlane]?
    /// nil where istio-cni's ConfigMap is not there, too.
    package var cni: CNISettings?

    package init(
        networkPolicies: [NetworkPolicy]? = nil,
        authorizationPolicies: [AuthorizationPolicy]? = nil, nodes: [ClusterNode]? = nil,
        controlPlanes: [ControlPlane]? = nil, cni: CNISettings? = nil
    ) {
        self.networkPolicies = networkPolicies
        self.authorizationPolicies = authorizationPolicies
        self.nodes = nodes
        self.controlPlanes = controlPlanes
        self.cni = cni
    }
}

/// A Node: what decides whether new sidecars are native ones.
package struct ClusterNode: Sendable, Hashable {
    package var name: String
    /// As `status.nodeInfo.kubeletVersion` has it: `v1.33.2`.
    package var kubeletVersion: String

    package init(name: String, kubeletVersion: String) {
        self.name = name
        self.kubeletVersion = kubeletVersion
    }
}

/// The ConfigMap `istio-cni-config`.
package struct CNISettings: Sendable, Hashable {
    /// Namespaces whose pods istio-cni leaves alone; nil where the ConfigMap does not say.
    package var excludeNamespaces: Set<String>?

    package init(excludeNamespaces: Set<String>? = nil) {
        self.excludeNamespaces = excludeNamespaces
    }
}
