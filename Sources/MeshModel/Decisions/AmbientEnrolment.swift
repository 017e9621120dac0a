/// Whether istio-cni enrols a pod in the ambient mesh: what is wanted, not what is proved.
///
/// A wanted pod is captured once `Pod.isCaptured` says so; running pods are enrolled without a restart.
package enum AmbientEnrolment {
    package struct Environment: Sendable, Equatable {
        /// Namespaces whose pods are never enrolled, and are taken out when they were
        /// (`cni.excludeNamespaces` of the chart).
        package var excludeNamespaces: Set<String>
        /// Those that an installer wrote in place of the chart's; nil for the chart's.
        package var selectors: [EnablementSelector]?

        package init(
            excludeNamespaces: Set<String> = ["kube-system"],
            selectors: [EnablementSelector]? = nil
        ) {
            self.excludeNamespaces = excludeNamespaces
            self.selectors = selectors
        }

        /// - Parameter cni: nil where istio-cni's ConfigMap was not read: the chart's defaults hold.
        package init(_ cni: CNISettings?) {
            self.init()
            excludeNamespaces = cni?.excludeNamespaces ?? excludeNamespaces
            selectors = cni?.enablementSelectors
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

    /// Decides by labels and facts
    /// (istio `cni/pkg/util/enablement_selector.go:Matches`, `cni/pkg/nodeagent/informers.go:reconcilePod`).
    ///
    /// - Parameter willBeInjected: for a template, whether `Injection` gives its pods a sidecar:
    ///   the sidecar then wins, since the injector's annotation is there before istio-cni looks.
    package static func decide(
        namespaceName: String, namespaceLabels: [String: String], podLabels: [String: String],
        podAnnotations: [String: String], hostNetwork: Bool, willBeInjected: Bool = false,
        environment: Environment = Environment()
    ) -> Decision {
        let asked = asked(
            namespaceName: namespaceName, namespaceLabels: namespaceLabels, podLabels: podLabels,
            selectors: environment.selectors)
        guard asked.wanted else { return asked }
        if environment.excludeNamespaces.contains(namespaceName) {
            return Decision(wanted: false, reason: .excludedNamespace)
        }
        if hostNetwork { return Decision(wanted: false, reason: .hostNetwork) }
        if willBeInjected || podAnnotations[LabelKeys.sidecarStatus] != nil {
            return Decision(wanted: false, reason: .hasSidecar)
        }
        return asked
    }

    /// What the labels ask for.
    private static func asked(
        namespaceName: String, namespaceLabels: [String: String], podLabels: [String: String],
        selectors: [EnablementSelector]?
    ) -> Decision {
        guard let selectors else { return askedByDefault(namespaceLabels, podLabels) }
        var labels = namespaceLabels
        labels["kubernetes.io/metadata.name"] = namespaceName
        let found = selectors.first {
            $0.pods.matches(podLabels) && $0.namespaces.matches(labels)
        }
        guard let found else {
            let isOptOut = podLabels[LabelKeys.dataplaneMode] == optOut
            return Decision(wanted: false, reason: isOptOut ? .podOptOut : .notRequested)
        }
        return Decision(wanted: true, reason: found.asksNamespace ? .namespaceLabel : .podLabel)
    }

    /// The chart's selectors: the pod's label, or the namespace's unless the pod says `none`.
    private static func askedByDefault(
        _ namespaceLabels: [String: String], _ podLabels: [String: String]
    ) -> Decision {
        let podMode = podLabels[LabelKeys.dataplaneMode]
        if podMode == ambient { return Decision(wanted: true, reason: .podLabel) }
        guard namespaceLabels[LabelKeys.dataplaneMode] == ambient else {
            return Decision(wanted: false, reason: .notRequested)
        }
        return podMode == optOut
            ? Decision(wanted: false, reason: .podOptOut)
            : Decision(wanted: true, reason: .namespaceLabel)
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
