import MeshModel
import Testing

/// The selectors are those that istio's chart renders
/// (`manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml`); what they select is the
/// table of `operator/cmd/mesh/manifest-generate_test.go:TestWebhookSelector`.
@Suite("Webhooks by the selectors that were read")
struct InjectorWebhooksTests {
    private static let suffix = ".sidecar-injector.istio.io"

    static func isIn(_ key: String, _ values: String...) -> InjectionSelector.Requirement {
        .isIn(key: key, values: Set(values))
    }

    static func absent(_ key: String) -> InjectionSelector.Requirement { .doesNotExist(key: key) }

    static func hook(
        _ name: String, namespace: [InjectionSelector.Requirement],
        object: [InjectionSelector.Requirement]
    ) -> InjectorWebhooks.Webhook {
        InjectorWebhooks.Webhook(
            name: name + suffix, namespaceSelector: PodSelector(matchExpressions: namespace),
            objectSelector: PodSelector(matchExpressions: object))
    }

    static func byRevision(_ revision: String) -> [InjectorWebhooks.Webhook] {
        let allowed = InjectionSelector.Requirement.isNotIn(
            key: "sidecar.istio.io/inject", values: ["false"])
        return [
            hook(
                "rev.namespace",
                namespace: [isIn("istio.io/rev", revision), absent("istio-injection")],
                object: [allowed]),
            hook(
                "rev.object", namespace: [absent("istio.io/rev"), absent("istio-injection")],
                object: [allowed, isIn("istio.io/rev", revision)]),
        ]
    }

    static func ofDefault(auto: Bool) -> [InjectorWebhooks.Webhook] {
        let allowed = InjectionSelector.Requirement.isNotIn(
            key: "sidecar.istio.io/inject", values: ["false"])
        let hooks = [
            hook("namespace", namespace: [isIn("istio-injection", "enabled")], object: [allowed]),
            hook(
                "object", namespace: [absent("istio-injection"), absent("istio.io/rev")],
                object: [isIn("sidecar.istio.io/inject", "true"), absent("istio.io/rev")]),
        ]
        let byDefault = hook(
            "auto",
            namespace: [
                absent("istio-injection"), absent("istio.io/rev"),
                .isNotIn(
                    key: "kubernetes.io/metadata.name",
                    values: Injection.ignoredNamespaces),
            ], object: [absent("sidecar.istio.io/inject"), absent("istio.io/rev")])
        return byRevision("default") + hooks + (auto ? [byDefault] : [])
    }

    private func environment(auto: Bool = false) -> Injection.Environment {
        Injection.Environment(
            revisions: ["default", "canary"],
            injectors: InjectorConfiguration(webhooks: [
                InjectorWebhooks(
                    name: "istio-sidecar-injector", served: "default", revision: "default",
                    webhooks: Self.ofDefault(auto: auto)),
                InjectorWebhooks(
                    name: "istio-sidecar-injector-canary", served: "canary", revision: "canary",
                    webhooks: Self.byRevision("canary")),
            ]))
    }

    private func decide(
        _ environment: Injection.Environment, name: String = "test-ns",
        namespace: [String: String], pod: [String: String], annotations: [String: String] = [:]
    ) -> Injection.Decision {
        Injection.decide(
            namespaceName: name, namespaceLabels: namespace, podLabels: pod,
            podAnnotations: annotations, hostNetwork: false, environment: environment)
    }

    static let namespaces: [[String: String]] = [
        [:], canary, ["istio-injection": "enabled"], ["istio-injection": "disabled"],
        canary + ["istio-injection": "enabled"], canary + ["istio-injection": "disabled"],
    ]
    static let pods: [[String: String]] = [
        [:], canary, injectTrue, injectFalse, injectTrue + canary, injectFalse + canary,
    ]

    @Test("the chart's selectors choose as its rules do", arguments: namespaces, pods)
    func chart(namespace: [String: String], pod: [String: String]) {
        for auto in [false, true] {
            let settings = InjectorSettings(enableNamespacesByDefault: auto)
            let assumed = Injection.Environment(
                revisions: ["default", "canary"],
                injectors: InjectorConfiguration(settings: ["default": settings]))
            let wanted = decide(assumed, namespace: namespace, pod: pod)
            let read = decide(environment(auto: auto), namespace: namespace, pod: pod)
            #expect(read.injects == wanted.injects)
            #expect(read.webhook == wanted.webhook)
            #expect(read.revision == wanted.revision || !wanted.injects)
            if wanted.injects { #expect(read.reason == wanted.reason) }
        }
    }

    @Test("a webhook is called by the name that it has")
    func name() {
        let decision = decide(environment(), namespace: canary, pod: [:])
        #expect(decision.webhookName == "rev.namespace.sidecar-injector.istio.io")
        #expect(decision.revision == "canary")
    }

    @Test("a webhook that was switched off calls nobody, whatever labels say")
    func deactivated() {
        let never = InjectorWebhooks.Webhook(
            name: "namespace" + Self.suffix,
            namespaceSelector: PodSelector(matchLabels: ["istio.io/deactivated": "never-match"]),
            objectSelector: PodSelector(matchLabels: ["istio.io/deactivated": "never-match"]))
        let environment = Injection.Environment(
            revisions: ["default"],
            injectors: InjectorConfiguration(webhooks: [
                InjectorWebhooks(
                    name: "istio-sidecar-injector", served: "default", revision: "default",
                    webhooks: [never])
            ]))
        let decision = decide(environment, namespace: ["istio-injection": "enabled"], pod: [:])
        #expect(!decision.injects && decision.reason == .noWebhook)
    }

    @Test("selectors of one's own count, and the namespace's name is among its labels")
    func custom() {
        let hook = Self.hook(
            "own", namespace: [Self.isIn("kubernetes.io/metadata.name", "shop")], object: [])
        let environment = Injection.Environment(
            revisions: ["prod"],
            injectors: InjectorConfiguration(webhooks: [
                InjectorWebhooks(
                    name: "injector", served: "prod", revision: "1-29", webhooks: [hook])
            ]))
        let inside = decide(environment, name: "shop", namespace: [:], pod: [:])
        #expect(inside.injects && inside.reason == .defaultOn && inside.injector == "1-29")
        #expect(!decide(environment, name: "bank", namespace: [:], pod: [:]).injects)
    }

    @Test("the settings are those of the istiod that a tag leads to")
    func settingsOfRevision() {
        var environment = environment()
        environment.injectors.webhooks[1].revision = "1-29"
        environment.injectors.settings = [
            "default": InjectorSettings(policyEnabled: true),
            "1-29": InjectorSettings(policyEnabled: false),
        ]
        #expect(decide(environment, namespace: canary, pod: [:]).reason == .policyOff)
        #expect(decide(environment, namespace: [:], pod: injectTrue).injects)
    }
}
