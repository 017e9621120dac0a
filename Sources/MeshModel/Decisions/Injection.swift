/// Whether a pod that is created now gets a sidecar.
///
/// Two gates decide, in this order: the selectors of the mutating webhooks, which see only labels,
/// and then istiod itself. Nothing here is about pods that run already: a webhook fires on CREATE.
package enum Injection {
    /// What the cluster's injectors are set to.
    package struct Environment: Sendable, Equatable {
        /// Revisions and tags that have a webhook; `default` also stands for the unrevisioned
        /// install. nil: assume that `default`, and every revision that a label names, exists.
        package var revisions: Set<String>?
        /// `sidecarInjectorWebhook.enableNamespacesByDefault` of the chart.
        package var enableNamespacesByDefault = false
        /// `policy: enabled` of the injector's ConfigMap.
        package var policyEnabled = true
        package var neverInjectSelector: [InjectionSelector] = []
        package var alwaysInjectSelector: [InjectionSelector] = []

        package init(revisions: Set<String>? = nil) { self.revisions = revisions }

        func hasWebhook(_ revision: String) -> Bool { revisions?.contains(revision) ?? true }
    }

    package struct Decision: Sendable, Hashable {
        package var injects: Bool
        /// The webhook that is called; nil when none is.
        package var webhook: InjectionWebhook?
        /// The revision or tag whose webhook is called; with `noWebhook` the one that was asked for.
        package var revision: String?
        package var reason: InjectionReason

        package init(
            injects: Bool, webhook: InjectionWebhook? = nil, revision: String? = nil,
            reason: InjectionReason
        ) {
            self.injects = injects
            self.webhook = webhook
            self.revision = revision
            self.reason = reason
        }
    }

    /// Decides for a pod with this metadata, be it a live pod's or a template's.
    package static func decide(
        namespaceName: String, namespaceLabels: [String: String], podLabels: [String: String],
        podAnnotations: [String: String], hostNetwork: Bool, environment: Environment
    ) -> Decision {
        let match = selectWebhook(
            namespaceName: namespaceName, namespaceLabels: namespaceLabels, podLabels: podLabels,
            environment: environment)
        guard let webhook = match.webhook else { return match }
        let verdict = isRequired(
            namespaceName: namespaceName, podLabels: podLabels, podAnnotations: podAnnotations,
            hostNetwork: hostNetwork, environment: environment)
        // Where istiod only follows its default, the label that called it is the better reason.
        let reason = verdict.reason == .defaultOn ? match.reason : verdict.reason
        return Decision(
            injects: verdict.injects, webhook: webhook, revision: match.revision, reason: reason)
    }

    /// istiod's own answer, once its webhook has been called
    /// (istio `pkg/kube/inject/inject.go:injectRequired`).
    package static func isRequired(
        namespaceName: String, podLabels: [String: String], podAnnotations: [String: String],
        hostNetwork: Bool, environment: Environment
    ) -> (injects: Bool, reason: InjectionReason) {
        if hostNetwork { return (false, .hostNetwork) }
        if ignoredNamespaces.contains(namespaceName) { return (false, .ignoredNamespace) }
        // A label that is present hides the annotation, even with a value that decides nothing.
        let label = podLabels[LabelKeys.podInject]
        switch label ?? podAnnotations[LabelKeys.podInject] {
        case "true": return (true, label == nil ? .podAnnotation : .podLabel)
        case "false": return (false, .podOptOut)
        default: break
        }
        if environment.neverInjectSelector.contains(where: { $0.selects(podLabels) }) {
            return (false, .neverInjectSelector)
        }
        if environment.alwaysInjectSelector.contains(where: { $0.selects(podLabels) }) {
            return (true, .alwaysInjectSelector)
        }
        return environment.policyEnabled ? (true, .defaultOn) : (false, .policyOff)
    }

    /// istio `pkg/kube/inject/initializer.go:IgnoredNamespaces`; the root namespace is not among them.
    package static let ignoredNamespaces: Set<String> = [
        "kube-system", "kube-public", "kube-node-lease", "local-path-storage",
    ]
}
