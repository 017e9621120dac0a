import MeshModel
import Testing

/// The table is that of istio `pkg/kube/inject/webhook_test.go:TestInjectRequired`.
@Suite("Whether istiod injects once its webhook is called")
struct InjectionTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var policy = true
        var never: [InjectionSelector] = []
        var always: [InjectionSelector] = []
        var labels: [String: String] = [:]
        var annotations: [String: String] = [:]
        var hostNetwork = false
        var injects: Bool
        var reason: InjectionReason
        var testDescription: String { name }
    }

    static func has(_ key: String) -> InjectionSelector {
        InjectionSelector(matchExpressions: [.exists(key: key)])
    }
    static let fooIsBar = InjectionSelector(matchLabels: ["foo": "bar"])

    static let table = [
        Case(name: "no policy", injects: true, reason: .defaultOn),
        Case(name: "policy off", policy: false, injects: false, reason: .policyOff),
        Case(
            name: "forced on under policy off", policy: false, annotations: injectTrue,
            injects: true, reason: .podAnnotation),
        Case(
            name: "the value yes decides nothing",
            annotations: ["sidecar.istio.io/inject": "yes"], injects: true, reason: .defaultOn),
        Case(
            name: "the value on decides nothing", policy: false,
            annotations: ["sidecar.istio.io/inject": "on"], injects: false, reason: .policyOff),
        Case(name: "host network", hostNetwork: true, injects: false, reason: .hostNetwork),
        Case(
            name: "never-selector", never: [fooIsBar], labels: ["foo": "bar"], injects: false,
            reason: .neverInjectSelector),
        Case(
            name: "never-selector under policy off", policy: false, never: [fooIsBar],
            labels: ["foo": "bar"], injects: false, reason: .neverInjectSelector),
        Case(
            name: "always-selector where the never-selector does not match", policy: false,
            never: [has("never")], always: [has("always")],
            labels: ["always": "bar", "foo2": "bar2"], injects: true,
            reason: .alwaysInjectSelector),
        Case(
            name: "annotation over never-selector", never: [has("foo")],
            labels: ["foo": "", "foo2": "bar2"], annotations: injectTrue, injects: true,
            reason: .podAnnotation),
        Case(
            name: "annotation over always-selector", policy: false, always: [has("foo")],
            labels: ["foo": "", "foo2": "bar2"], annotations: injectFalse, injects: false,
            reason: .podOptOut),
        Case(
            name: "the second never-selector", never: [has("foo"), has("bar")],
            labels: ["label1": "", "bar": "anything"], injects: false,
            reason: .neverInjectSelector),
        Case(
            name: "label over annotation", policy: false, labels: injectTrue,
            annotations: injectFalse, injects: true, reason: .podLabel),
        Case(
            name: "never-selector over always-selector", never: [has("x")], always: [has("x")],
            labels: ["x": ""], injects: false, reason: .neverInjectSelector),
        Case(
            name: "an empty selector selects nothing", never: [InjectionSelector()],
            labels: ["x": ""], injects: true, reason: .defaultOn),
    ]

    @Test("the rules hold in Istio's order", arguments: table)
    func required(_ given: Case) {
        let verdict = Injection.isRequired(
            namespaceName: "test-namespace", podLabels: given.labels,
            podAnnotations: given.annotations, hostNetwork: given.hostNetwork,
            settings: settings(given))
        #expect(verdict == (given.injects, given.reason))
    }

    @Test("the namespaces of Kubernetes are ignored whatever the labels say")
    func ignoredNamespaces() {
        for namespace in ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"] {
            let decision = decide(
                namespace, labels: ["istio-injection": "enabled"], pod: injectTrue)
            #expect(decision.injects == false)
            #expect(decision.webhook == .namespace)
            #expect(decision.reason == .ignoredNamespace)
        }
        let root = decide("istio-system", labels: ["istio-injection": "enabled"], pod: [:])
        #expect(root.injects)
    }

    @Test("an annotation asks for a sidecar in vain where no webhook is called")
    func annotationWithoutWebhook() {
        let decision = decide("shop", labels: [:], pod: [:], annotations: injectTrue)
        #expect(decision == .init(injects: false, reason: .notRequested))
    }

    @Test("the label that called the webhook is the reason, where istiod follows its default")
    func reasonOfTheWebhook() {
        let decision = decide("shop", labels: canary, pod: [:])
        #expect(
            decision
                == .init(
                    injects: true, webhook: .revisionNamespace, revision: "canary",
                    reason: .namespaceRevision))
    }

    @Test("with a policy that istiod does not know nothing is injected, not even on request")
    func unknownPolicy() {
        var settings = InjectorSettings(policyEnabled: false)
        settings.hasKnownPolicy = false
        for labels in [[:], injectTrue] {
            let verdict = Injection.isRequired(
                namespaceName: "shop", podLabels: labels, podAnnotations: [:], hostNetwork: false,
                settings: settings)
            #expect(verdict == (false, .policyOff))
        }
    }

    @Test("an opt-out by annotation holds though the webhook is called")
    func optOutByAnnotation() {
        let decision = decide("shop", labels: canary, pod: [:], annotations: injectFalse)
        #expect(decision.injects == false)
        #expect(decision.webhook == .revisionNamespace)
        #expect(decision.reason == .podOptOut)
    }

    private func settings(_ given: Case) -> InjectorSettings {
        InjectorSettings(
            policyEnabled: given.policy, neverInjectSelector: given.never,
            alwaysInjectSelector: given.always)
    }

    private func decide(
        _ namespace: String, labels: [String: String], pod: [String: String],
        annotations: [String: String] = [:]
    ) -> Injection.Decision {
        Injection.decide(
            namespaceName: namespace, namespaceLabels: labels, podLabels: pod,
            podAnnotations: annotations, hostNetwork: false, environment: .init())
    }
}
