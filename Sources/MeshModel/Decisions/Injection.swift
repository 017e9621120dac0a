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
        package var injectors: InjectorConfiguration

        package init(
            revisions: Set<String>? = nil,
            injectors: InjectorConfiguration = InjectorConfiguration()
        ) {
            self.revisions = revisions
            self.injectors = injectors
        }

        /// Whether a webhook of Istio's own kind is taken to serve the revision. One whose selectors were
        /// read is not taken for anything: it has been asked.
        func hasWebhook(_ revision: String) -> Bool {
            guard let revisions else { return true }
            return revisions.contains(revision)
                && !injectors.webhooks.contains { $0.served == revision }
        }

        /// - Parameter revision: nil for that of the unrevisioned install.
        func settings(of revision: String?) -> InjectorSettings {
            let settings = injectors.settings
            return revision.flatMap { settings[$0] } ?? settings[Injection.defaultRevision]
                ?? (settings.count == 1 ? settings.values.first : nil) ?? InjectorSettings()
        }
    }

    package struct Decision: Sendable, Hashable {
        package var injects: Bool
        /// The webhook that is called; nil when none is.
        package var webhook: InjectionWebhook?
        /// The webhook's own name, where it was read.
        package var webhookName: String?
        /// The revision or tag whose webhook is called; with `noWebhook` the one that was asked for.
        package var revision: String?
        /// The revision of the istiod that answers, which a tag leads to; nil where it was not read.
        package var injector: String?
        package var reason: InjectionReason

        fileprivate var answeredBy: String? { injector ?? revision }

        package init(
            injects: Bool, webhook: InjectionWebhook? = nil, webhookName: String? = nil,
            revision: String? = nil, reason: InjectionReason
        ) {
            self.injects = injects
            self.webhook = webhook
            self.webhookName = webhookName
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
        guard match.injects else { return match }
        let verdict = isRequired(
            namespaceName: namespaceName, podLabels: podLabels, podAnnotations: podAnnotations,
            hostNetwork: hostNetwork, settings: environment.settings(of: match.answeredBy))
        // Where istiod only follows its default, the label that called it is the better reason.
        let reason = verdict.reason == .defaultOn ? match.reason : verdict.reason
        var decision = match
        decision.injects = verdict.injects
        decision.reason = reason
        return decision
    }

    /// istiod's own answer, once its webhook has been called
    /// (istio `pkg/kube/inject/inject.go:injectRequired`).
    package static func isRequired(
        namespaceName: String, podLabels: [String: String], podAnnotations: [String: String],
        hostNetwork: Bool, settings: InjectorSettings
    ) -> (injects: Bool, reason: InjectionReason) {
        if hostNetwork { return (false, .hostNetwork) }
        if ignoredNamespaces.contains(namespaceName) { return (false, .ignoredNamespace) }
        if !settings.hasKnownPolicy { return (false, .policyOff) }
        // A label that is present hides the annotation, even with a value that decides nothing.
        let label = podLabels[LabelKeys.podInject]
        switch label ?? podAnnotations[LabelKeys.podInject] {
        case "true": return (true, label == nil ? .podAnnotation : .podLabel)
        case "false": return (false, .podOptOut)
        default: break
        }
        if settings.neverInjectSelector.contains(where: { $0.selects(podLabels) }) {
            return (false, .neverInjectSelector)
        }
        if settings.alwaysInjectSelector.contains(where: { $0.selects(podLabels) }) {
            return (true, .alwaysInjectSelector)
        }
        return settings.policyEnabled ? (true, .defaultOn) : (false, .policyOff)
    }

    /// istio `pkg/kube/inject/initializer.go:IgnoredNamespaces`; the root namespace is not among them.
    package static let ignoredNamespaces: Set<String> = [
        "kube-system", "kube-public", "kube-node-lease", "local-path-storage",
    ]
}
