import MeshModel
import Testing

/// The policies and tables are those of istio `pilot/pkg/model/authentication_test.go`.
@Suite("Which PeerAuthentications count for a workload")
struct PeerAuthenticationIndexTests {
    static let withoutMesh = [
        policy("istio-config/global-peer-with-selector", selector: httpbin + ["version": "v2"]),
        policy("foo/default", .strict),
        policy("foo/ignored-newer-default", .strict, created: "2020-02-02T02:02:03Z"),
        policy("foo/peer-with-selector", .disable, selector: ["version": "v1"]),
    ]
    static let withMesh =
        withoutMesh + [
            policy("istio-config/ignored-newer", created: "2020-02-02T02:02:04Z"),
            policy("istio-config/default"),
            policy("istio-config/ignored-another-newer", created: "2020-02-02T02:02:03Z"),
        ]
    static let httpbin = ["app": "httpbin"]

    struct Case: CustomTestStringConvertible, Sendable {
        var namespace: String
        var labels: [String: String]
        var counts: [String]
        /// nil is Istio's UNKNOWN.
        var namespaceMode: MTLSMode?
        var testDescription: String { "\(namespace) \(labels)" }
    }

    @Test(
        "with a mesh policy",
        arguments: [
            Case(
                namespace: "foo", labels: [:], counts: ["foo/default", "istio-config/default"],
                namespaceMode: .strict),
            Case(
                namespace: "foo",
                labels: ["gateway.networking.k8s.io/gateway-name": "my-gateway"],
                counts: ["foo/default", "istio-config/default"], namespaceMode: .strict),
            Case(
                namespace: "baz", labels: [:], counts: ["istio-config/default"],
                namespaceMode: .permissive),
            Case(
                namespace: "bar", labels: httpbin + ["version": "v1"],
                counts: ["istio-config/default"], namespaceMode: .permissive),
            Case(
                namespace: "foo", labels: httpbin,
                counts: ["foo/default", "istio-config/default"], namespaceMode: .strict),
            Case(
                namespace: "bar",
                labels: ["gateway.networking.k8s.io/gateway-name": "my-waypoint"],
                counts: ["istio-config/default"], namespaceMode: .permissive),
            Case(
                namespace: "foo", labels: ["version": "v1"],
                counts: ["foo/default", "foo/peer-with-selector", "istio-config/default"],
                namespaceMode: .strict),
        ])
    func withMeshPolicy(_ given: Case) { expect(given, among: Self.withMesh) }

    @Test(
        "without a mesh policy",
        arguments: [
            Case(namespace: "foo", labels: [:], counts: ["foo/default"], namespaceMode: .strict),
            Case(namespace: "bar", labels: [:], counts: [], namespaceMode: nil),
            Case(
                namespace: "bar", labels: httpbin + ["version": "v1"], counts: [],
                namespaceMode: nil),
        ])
    func withoutMeshPolicy(_ given: Case) { expect(given, among: Self.withoutMesh) }

    @Test("the losers of each scope can be named")
    func losers() {
        let index = PeerAuthenticationIndex(
            Self.withMesh + [
                policy("foo/second", .strict, selector: Self.httpbin),
                policy(
                    "foo/first", .strict, selector: ["version": "v1"],
                    created: "2020-01-01T00:00:00Z"),
            ], rootNamespace: "istio-config")
        #expect(
            index.shadowedWide.map(\.text) == [
                "foo/ignored-newer-default", "istio-config/ignored-another-newer",
                "istio-config/ignored-newer",
            ])
        #expect(index.ignored.map(\.text) == ["istio-config/global-peer-with-selector"])
        let labels = Self.httpbin + ["version": "v1"]
        #expect(index.workloadPolicy(namespace: "foo", podLabels: labels)?.text == "foo/first")
        #expect(
            index.shadowed(namespace: "foo", podLabels: labels).map(\.text)
                == ["foo/peer-with-selector", "foo/second"])
    }

    @Test("a policy without a creation time is younger than those that exist")
    func notCreatedYet() {
        let planned = policy("foo/a", .strict, created: "")
        let existing = policy("foo/z", .permissive)
        for policies in [[planned, existing], [existing, planned]] {
            let index = PeerAuthenticationIndex(policies, rootNamespace: "root")
            #expect(index.namespacePolicy("foo")?.text == "foo/z")
        }
        let both = PeerAuthenticationIndex(
            [policy("foo/b", created: ""), planned], rootNamespace: "root")
        #expect(both.namespacePolicy("foo")?.text == "foo/a")
    }

    @Test("clients assume the mesh's mode where the namespace's policy has none")
    func inheritedClientSideMode() {
        func mode(_ policies: [PeerAuthentication]) -> MTLSMode? {
            EffectiveMode.clientSideMode(
                ofNamespace: "foo",
                policies: PeerAuthenticationIndex(policies, rootNamespace: "root"))
        }
        #expect(mode([policy("foo/default"), policy("root/default", .strict)]) == .strict)
        #expect(mode([policy("foo/default")]) == .permissive)
        #expect(
            mode([policy("foo/default", .disable), policy("foo/w", .strict, selector: ["a": "b"])])
                == .disable)
    }

    private func expect(_ given: Case, among policies: [PeerAuthentication]) {
        let index = PeerAuthenticationIndex(policies, rootNamespace: "istio-config")
        let counting = [
            index.namespacePolicy(given.namespace),
            index.workloadPolicy(namespace: given.namespace, podLabels: given.labels),
            index.meshPolicy,
        ]
        #expect(counting.compactMap { $0?.text } == given.counts)
        let mode = EffectiveMode.clientSideMode(ofNamespace: given.namespace, policies: index)
        #expect(mode == given.namespaceMode)
    }
}
