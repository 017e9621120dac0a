/// Whether istio-cni enrols a pod in the ambient mesh: what is wanted, not what is proved.
///
/// A wanted pod is captured once `Pod.isCaptured` says so; running pods are enrolled without a restart.
package enum AmbientEnrolment {
    package struct Environment: Sendable, Equatable {
        /// Namespaces whose pods are never enrolled, and are taken out when they were
        /// (`cni.excludeNamespaces` of the chart).
        package var excludeNamespaces: Set<String>

        package init(excludeNamespaces: Set<String> = ["kube-system"]) {
            self.excludeNamespaces = excludeNamespaces
        }
    }

    package struct Decision: Sendable, Hashable {
        package var wanted: Bool
        package var reason: AmbientReason

        package init(wanted: Bool, reason: AmbientReason) {
            self.wanted = wanted
            self.reason = reason
        }
    }

    /// Decides with the default enablement selectors
    /// (istio `cni/pkg/util/enablement_selector.go:Matches`, `cni/pkg/nodeagent/informers.go:reconcilePod`).
    ///
    /// - Parameter willBeInjected: for a template, whether `Injection` gives its pods a sidecar:
    ///   the sidecar then wins, since the injector's annotation is there before istio-cni looks.
    package static func decide(
        namespaceName: String, namespaceLabels: [String: String], podLabels: [String: String],
        podAnnotations: [String: String], hostNetwork: Bool, willBeInjected: Bool = false,
        environment: Environment = Environment()
    ) -> Decision {
        let podMode = podLabels[LabelKeys.dataplaneMode]
        let namespaceIsAmbient = namespaceLabels[LabelKeys.dataplaneMode] == ambient
        guard podMode == ambient || namespaceIsAmbient else {
            return Decision(wanted: false, reason: .notRequested)
        }
        if podMode == optOut { return Decision(wanted: false, reason: .podOptOut) }
        if environment.excludeNamespaces.contains(namespaceName) {
            return Decision(wanted: false, reason: .excludedNamespace)
        }
        if hostNetwork { return Decision(wanted: false, reason: .hostNetwork) }
        if willBeInjected || podAnnotations[LabelKeys.sidecarStatus] != nil {
            return Decision(wanted: false, reason: .hasSidecar)
        }
        return Decision(wanted: true, reason: podMode == ambient ? .podLabel : .namespaceLabel)
    }

    private static let ambient = "ambient"
    private static let optOut = "none"
}

/// What decided about the ambient mesh.
package enum AmbientReason: String, Sendable, Hashable, Codable, CaseIterable {
    // It is enrolled, because of
    case podLabel = "pod-label"
    case namespaceLabel = "namespace-label"

    // It is not, because of
    case podOptOut = "pod-opt-out"
    case excludedNamespace = "excluded-namespace"
    case hostNetwork = "host-network"
    case hasSidecar = "has-sidecar"
    /// No label asks for it.
    case notRequested = "not-requested"
}
