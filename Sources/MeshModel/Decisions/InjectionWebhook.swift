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
        for injector in environment.injectors.webhooks {
            let called = injector.webhooks.first {
                $0.selects(
                    namespace: namespaceName, namespaceLabels: namespaceLabels,
                    podLabels: podLabels)
            }
            if let called { return Decision(called, of: injector, podLabels: podLabels) }
        }
        return assumedWebhook(
            namespaceName: namespaceName, namespaceLabels: namespaceLabels, podLabels: podLabels,
            environment: environment)
    }

    /// The webhook that Istio's chart would have, for what was not read; without one, why none is called.
    private static func assumedWebhook(
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
        if environment.settings(of: nil).enableNamespacesByDefault,
            !ignoredNamespaces.contains(namespaceName)
        {
            return asks(.auto, defaultRevision, .defaultOn)
        }
        return nil
    }

    /// The tag, or the unrevisioned install, that `istio-injection=enabled` stands for.
    package static let defaultRevision = "default"
}

extension Injection.Decision {
    /// A webhook whose selectors match.
    fileprivate init(
        _ webhook: InjectorWebhooks.Webhook, of injector: InjectorWebhooks,
        podLabels: [String: String]
    ) {
        let kind = InjectionWebhook.allCases.first { webhook.name.hasPrefix($0.rawValue + ".") }
        let reason: InjectionReason =
            switch kind {
            case .revisionNamespace: .namespaceRevision
            case .revisionObject: .podRevision
            case .namespace: .namespaceLabel
            case .object: .podLabel
            case .auto, nil: podLabels[LabelKeys.podInject] == "true" ? .podLabel : .defaultOn
            }
        self.init(
            injects: true, webhook: kind, webhookName: webhook.name, revision: injector.served,
            reason: reason)
        self.injector = injector.revision
    }
}
