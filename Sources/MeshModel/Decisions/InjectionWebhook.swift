/// The webhooks of one injector's `MutatingWebhookConfiguration`, by the start of their names.
package enum InjectionWebhook: String, Sendable, Hashable, Codable, CaseIterable {
    case revisionNamespace = "rev.namespace"
    case revisionObject = "rev.object"
    case namespace
    case object
    case auto
}

extension Injection {
    /// The webhook whose selectors match; without one, why none does.
    ///
    /// From istio `manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml`
    /// and `revision-tags-mwc.yaml`: `istio-injection` on the namespace beats any `istio.io/rev`,
    /// and the namespace's `istio.io/rev` beats the pod's.
    package static func selectWebhook(
        namespaceName: String, namespaceLabels: [String: String], podLabels: [String: String],
        environment: Environment
    ) -> Decision {
        guard
            let request = request(
                namespaceName: namespaceName, namespaceLabels: namespaceLabels,
                podLabels: podLabels, environment: environment)
        else { return Decision(injects: false, reason: .notRequested) }
        guard let webhook = request.webhook, let revision = request.revision else {
            return Decision(injects: false, reason: request.reason)
        }
        if podLabels[LabelKeys.podInject] == "false" {
            return Decision(injects: false, reason: .podOptOut)
        }
        guard environment.hasWebhook(revision) else {
            return Decision(injects: false, revision: revision, reason: .noWebhook)
        }
        return Decision(
            injects: true, webhook: webhook, revision: revision, reason: request.reason)
    }

    /// The webhook that the labels ask for, whether or not it exists and the pod opts out.
    private static func request(
        namespaceName: String, namespaceLabels: [String: String], podLabels: [String: String],
        environment: Environment
    ) -> Decision? {
        func asks(
            _ webhook: InjectionWebhook, _ revision: String, _ reason: InjectionReason
        ) -> Decision {
            Decision(injects: true, webhook: webhook, revision: revision, reason: reason)
        }

        switch namespaceLabels[LabelKeys.injection] {
        case "enabled": return asks(.namespace, defaultRevision, .namespaceLabel)
        case .some: return Decision(injects: false, reason: .namespaceDisabled)
        case nil: break
        }
        if let revision = namespaceLabels[LabelKeys.revision] {
            return asks(.revisionNamespace, revision, .namespaceRevision)
        }
        if let revision = podLabels[LabelKeys.revision] {
            return asks(.revisionObject, revision, .podRevision)
        }
        if podLabels[LabelKeys.podInject] == "true" {
            return asks(.object, defaultRevision, .podLabel)
        }
        if environment.enableNamespacesByDefault, !ignoredNamespaces.contains(namespaceName) {
            return asks(.auto, defaultRevision, .defaultOn)
        }
        return nil
    }

    /// The tag, or the unrevisioned install, that `istio-injection=enabled` stands for.
    package static let defaultRevision = "default"
}
