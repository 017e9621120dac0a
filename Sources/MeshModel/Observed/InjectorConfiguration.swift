/// What was read of the sidecar injectors of a cluster.
package struct InjectorConfiguration: Sendable, Hashable {
    /// In the order in which the API server calls them, by the names of their configurations. Those
    /// whose webhooks were not in the input are left out: they are taken to be Istio's own.
    package var webhooks: [InjectorWebhooks]
    /// By revision; `default` is that of the unrevisioned install.
    package var settings: [String: InjectorSettings]

    package init(
        webhooks: [InjectorWebhooks] = [], settings: [String: InjectorSettings] = [:]
    ) {
        self.webhooks = webhooks
        self.settings = settings
    }
}

/// A MutatingWebhookConfiguration of Istio's injector: whose istiod it calls, and for which pods.
package struct InjectorWebhooks: Sendable, Hashable {
    package struct Webhook: Sendable, Hashable {
        /// `namespace.sidecar-injector.istio.io`
        package var name: String
        package var namespaceSelector: PodSelector
        package var objectSelector: PodSelector

        package init(
            name: String, namespaceSelector: PodSelector = PodSelector(),
            objectSelector: PodSelector = PodSelector()
        ) {
            self.name = name
            self.namespaceSelector = namespaceSelector
            self.objectSelector = objectSelector
        }

        /// The API server gives each namespace its name as a label; manifests often leave it out.
        package func selects(
            namespace: String, namespaceLabels: [String: String], podLabels: [String: String]
        ) -> Bool {
            var labels = namespaceLabels
            labels["kubernetes.io/metadata.name"] = namespace
            return namespaceSelector.matches(labels) && objectSelector.matches(podLabels)
        }
    }

    package var name: String
    /// What labels call it by: its tag, or its revision.
    package var served: String
    /// Whose istiod answers (label `istio.io/rev`).
    package var revision: String
    package var webhooks: [Webhook]

    package init(name: String, served: String, revision: String, webhooks: [Webhook]) {
        self.name = name
        self.served = served
        self.revision = revision
        self.webhooks = webhooks
    }
}

/// The settings of one injector: the ConfigMap `istio-sidecar-injector`, or that with its revision's name
/// (istio `pkg/kube/inject/webhook.go:Config`).
package struct InjectorSettings: Sendable, Hashable {
    /// `policy: enabled`
    package var policyEnabled: Bool
    /// Whether `policy` is a word that istiod knows; with another it injects nothing, whatever pods ask for.
    package var hasKnownPolicy = true
    /// `sidecarInjectorWebhook.enableNamespacesByDefault` of the chart.
    package var enableNamespacesByDefault: Bool
    package var neverInjectSelector: [InjectionSelector]
    package var alwaysInjectSelector: [InjectionSelector]

    package init(
        policyEnabled: Bool = true, enableNamespacesByDefault: Bool = false,
        neverInjectSelector: [InjectionSelector] = [],
        alwaysInjectSelector: [InjectionSelector] = []
    ) {
        self.policyEnabled = policyEnabled
        self.enableNamespacesByDefault = enableNamespacesByDefault
        self.neverInjectSelector = neverInjectSelector
        self.alwaysInjectSelector = alwaysInjectSelector
    }
}
