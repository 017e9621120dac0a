import MeshModel
import Testing

/// The tables are those of istio `operator/cmd/mesh/manifest-generate_test.go:TestWebhookSelector`.
@Suite("Which webhook a new pod meets")
struct InjectionWebhookTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var namespace: [String: String]
        var pod: [String: String]
        /// The revision whose webhook is called; nil when none is.
        var calls: String?
        var testDescription: String { "namespace \(namespace), pod \(pod)" }
    }

    static let enabled = ["istio-injection": "enabled"]
    static let disabled = ["istio-injection": "disabled"]

    static let base = [
        Case(namespace: [:], pod: injectTrue, calls: "default"),
        Case(namespace: [:], pod: injectFalse + canary, calls: nil),
        Case(namespace: canary, pod: injectFalse, calls: nil),
        Case(namespace: canary, pod: injectTrue + canary, calls: "canary"),
        Case(namespace: enabled, pod: injectTrue, calls: "default"),
        Case(namespace: enabled, pod: injectFalse, calls: nil),
        Case(namespace: enabled, pod: injectFalse + canary, calls: nil),
        Case(namespace: disabled, pod: injectTrue, calls: nil),
        Case(namespace: disabled, pod: injectTrue + canary, calls: nil),
        Case(namespace: disabled + canary, pod: injectFalse, calls: nil),
    ]

    static let onByDefault = [
        Case(namespace: [:], pod: [:], calls: "default"),
        Case(namespace: [:], pod: injectFalse, calls: nil),
        Case(namespace: [:], pod: injectTrue + canary, calls: "canary"),
        Case(namespace: [:], pod: injectFalse + canary, calls: nil),
        Case(namespace: canary, pod: injectTrue, calls: "canary"),
        Case(namespace: canary, pod: injectTrue + canary, calls: "canary"),
        Case(namespace: canary, pod: injectFalse + canary, calls: nil),
        Case(namespace: enabled, pod: injectTrue + canary, calls: "default"),
        Case(namespace: disabled, pod: [:], calls: nil),
        Case(namespace: disabled, pod: injectTrue + canary, calls: nil),
        Case(namespace: disabled, pod: injectFalse + canary, calls: nil),
        Case(namespace: enabled + canary, pod: injectTrue + canary, calls: "default"),
        Case(namespace: enabled + canary, pod: injectFalse + canary, calls: nil),
        Case(namespace: disabled + canary, pod: [:], calls: nil),
        Case(namespace: disabled + canary, pod: injectTrue, calls: nil),
        Case(namespace: disabled + canary, pod: injectFalse, calls: nil),
    ]

    @Test("the base install selects as Istio's own test says", arguments: base)
    func baseInstall(_ given: Case) {
        #expect(called(given, onByDefault: false) == given.calls)
    }

    @Test(
        "the install that injects by default selects as Istio's own test says",
        arguments: onByDefault)
    func installThatInjectsByDefault(_ given: Case) {
        #expect(called(given, onByDefault: true) == given.calls)
    }

    @Test(
        "the webhook and the reason are named",
        arguments: [
            (enabled, [:], "namespace", "namespace-label"),
            (canary, [:], "rev.namespace", "namespace-revision"),
            ([:], canary, "rev.object", "pod-revision"),
            ([:], injectTrue, "object", "pod-label"),
            (
                ["istio.io/rev": "canary"], ["istio.io/rev": "default"], "rev.namespace",
                "namespace-revision"
            ),
            ([:], [:], nil, "not-requested"),
            (disabled, injectTrue, nil, "namespace-disabled"),
            (["istio-injection": ""], [:], nil, "namespace-disabled"),
            (enabled, injectFalse, nil, "pod-opt-out"),
        ] as [([String: String], [String: String], String?, String)])
    func naming(
        namespace: [String: String], pod: [String: String], webhook: String?, reason: String
    ) {
        let decision = select(namespace: namespace, pod: pod, environment: .init())
        #expect(decision.webhook?.rawValue == webhook)
        #expect(decision.reason.rawValue == reason)
    }

    @Test("a revision that no webhook serves injects nothing and is named")
    func unknownRevision() {
        let environment = Injection.Environment(revisions: ["default"])
        let decision = select(namespace: canary, pod: [:], environment: environment)
        #expect(decision == .init(injects: false, revision: "canary", reason: .noWebhook))
    }

    @Test("without a default revision neither the namespace's nor the pod's own label is served")
    func onlyRevisions() {
        let environment = Injection.Environment(revisions: ["canary"])
        for (namespace, pod) in [(Self.enabled, [:]), ([:], injectTrue)] {
            let decision = select(namespace: namespace, pod: pod, environment: environment)
            #expect(decision == .init(injects: false, revision: "default", reason: .noWebhook))
        }
    }

    @Test("injecting by default leaves the namespaces of Kubernetes alone")
    func autoIgnoresSystemNamespaces() {
        let environment = Self.environment(onByDefault: true)
        let decision = Injection.selectWebhook(
            namespaceName: "kube-public", namespaceLabels: [:], podLabels: [:],
            environment: environment)
        #expect(decision.reason == .notRequested)
    }

    private func called(_ given: Case, onByDefault: Bool) -> String? {
        let environment = Self.environment(["default", "canary"], onByDefault: onByDefault)
        let decision = select(
            namespace: given.namespace, pod: given.pod, environment: environment)
        #expect(decision.injects == (decision.webhook != nil))
        return decision.webhook == nil ? nil : decision.revision
    }

    private static func environment(
        _ revisions: Set<String>? = nil, onByDefault: Bool
    ) -> Injection.Environment {
        let settings = InjectorSettings(enableNamespacesByDefault: onByDefault)
        return Injection.Environment(
            revisions: revisions, injectors: InjectorConfiguration(settings: ["default": settings]))
    }

    private func select(
        namespace: [String: String], pod: [String: String], environment: Injection.Environment
    ) -> Injection.Decision {
        Injection.selectWebhook(
            namespaceName: "test-ns", namespaceLabels: namespace, podLabels: pod,
            environment: environment)
    }
}
