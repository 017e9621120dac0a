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
    /// Whom istio-cni enrols: any of them; nil where the ConfigMap does not say.
    package var enablementSelectors: [EnablementSelector]?
    /// Whether its rules are made with nftables, which let only kubelet's user past ztunnel.
    package var usesNFTables: Bool

    package init(
        excludeNamespaces: Set<String>? = nil, enablementSelectors: [EnablementSelector]? = nil,
        usesNFTables: Bool = false
    ) {
        self.excludeNamespaces = excludeNamespaces
        self.enablementSelectors = enablementSelectors
        self.usesNFTables = usesNFTables
    }
}

/// One of istio-cni's selectors: both its parts must match
/// (istio `cni/pkg/util/enablement_selector.go:EnablementSelector`).
package struct EnablementSelector: Sendable, Hashable {
    package var pods: PodSelector
    package var namespaces: PodSelector

    package init(pods: PodSelector = PodSelector(), namespaces: PodSelector = PodSelector()) {
        self.pods = pods
        self.namespaces = namespaces
    }

    package var asksNamespace: Bool { namespaces != PodSelector() }
}
