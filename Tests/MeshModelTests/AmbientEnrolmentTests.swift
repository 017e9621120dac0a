import MeshModel
import Testing

/// The first cases are those of istio `cni/pkg/util/podutil_test.go:TestEnablementSelectorMatches`
/// and of `cni/pkg/nodeagent/informers_test.go`.
@Suite("Which pods istio-cni enrols")
struct AmbientEnrolmentTests {
    static let ambient = ["istio.io/dataplane-mode": "ambient"]
    static let none = ["istio.io/dataplane-mode": "none"]
    static let injected = ["sidecar.istio.io/status": "test"]

    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var namespaceName = "test"
        var namespace: [String: String] = [:]
        var pod: [String: String] = [:]
        var annotations: [String: String] = [:]
        var hostNetwork = false
        var willBeInjected = false
        var expect: AmbientEnrolment.Decision
        var testDescription: String { name }
    }

    static func yes(_ reason: AmbientReason) -> AmbientEnrolment.Decision {
        .init(wanted: true, reason: reason)
    }
    static func no(_ reason: AmbientReason) -> AmbientEnrolment.Decision {
        .init(wanted: false, reason: reason)
    }

    static let table = [
        Case(
            name: "both the namespace and the pod ask", namespace: ambient, pod: ambient,
            expect: yes(.podLabel)),
        Case(
            name: "an injected pod asks", pod: ambient, annotations: injected,
            expect: no(.hasSidecar)),
        Case(
            name: "a host-network pod in an ambient namespace", namespace: ambient,
            hostNetwork: true, expect: no(.hostNetwork)),
        Case(name: "the namespace asks", namespace: ambient, expect: yes(.namespaceLabel)),
        Case(name: "nobody asks", expect: no(.notRequested)),
        Case(name: "the pod opts out", namespace: ambient, pod: none, expect: no(.podOptOut)),
        Case(
            name: "the pod beats a namespace that says none", namespace: none, pod: ambient,
            expect: yes(.podLabel)),
        Case(
            name: "a value that is not ambient asks for nothing",
            namespace: ["istio.io/dataplane-mode": "Ambient"], expect: no(.notRequested)),
        Case(
            name: "an excluded namespace beats the pod's label", namespaceName: "kube-system",
            namespace: ambient, pod: ambient, expect: no(.excludedNamespace)),
        Case(
            name: "a template whose pods will be injected", namespace: ambient,
            willBeInjected: true, expect: no(.hasSidecar)),
    ]

    @Test("labels ask, and facts refuse", arguments: table)
    func decision(_ given: Case) {
        let decision = AmbientEnrolment.decide(
            namespaceName: given.namespaceName, namespaceLabels: given.namespace,
            podLabels: given.pod, podAnnotations: given.annotations,
            hostNetwork: given.hostNetwork, willBeInjected: given.willBeInjected)
        #expect(decision == given.expect)
    }

    @Test("an installer may exclude other namespaces")
    func otherExclusions() {
        func decide(_ namespace: String) -> Bool {
            AmbientEnrolment.decide(
                namespaceName: namespace, namespaceLabels: Self.ambient, podLabels: [:],
                podAnnotations: [:], hostNetwork: false,
                environment: .init(excludeNamespaces: ["backup"])
            ).wanted
        }
        #expect(decide("kube-system"))
        #expect(!decide("backup"))
    }

    @Test("an installer's selectors take the place of the chart's")
    func ownSelectors() {
        let environment = AmbientEnrolment.Environment(
            CNISettings(enablementSelectors: [
                EnablementSelector(pods: PodSelector(matchLabels: ["mesh": "ambient"])),
                EnablementSelector(namespaces: PodSelector(matchLabels: ["mesh": "all"])),
            ]))
        func decide(
            _ namespace: [String: String], _ pod: [String: String]
        ) -> AmbientEnrolment.Decision {
            AmbientEnrolment.decide(
                namespaceName: "test", namespaceLabels: namespace, podLabels: pod,
                podAnnotations: [:], hostNetwork: false, environment: environment)
        }
        #expect(decide([:], ["mesh": "ambient"]) == .init(wanted: true, reason: .podLabel))
        #expect(decide(["mesh": "all"], [:]) == .init(wanted: true, reason: .namespaceLabel))
        let chart = ["istio.io/dataplane-mode": "ambient"]
        #expect(decide(chart, chart) == .init(wanted: false, reason: .notRequested))
        let none = ["istio.io/dataplane-mode": "none"]
        #expect(decide(["mesh": "all"], none).wanted)
    }
}
