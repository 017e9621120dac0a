import MeshModel
import Testing

/// The first table is that of istio
/// `pilot/pkg/security/authn/policy_applier_test.go:TestComposePeerAuthentication`.
@Suite("The mode in which a sidecar accepts connections")
struct EffectiveModeTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var policies: [PeerAuthentication]
        var mode: MTLSMode
        var decidedBy: [String]
        var testDescription: String { name }
    }

    static let early = "2024-01-01T00:00:09Z"
    static let late = "2024-01-01T00:00:10Z"

    static let table = [
        Case(
            name: "mesh only", policies: [policy("root/default", .strict)], mode: .strict,
            decidedBy: ["root/default"]),
        Case(
            name: "mesh with an empty selector against namespace",
            policies: [
                policy("root/default", .strict, selector: [:]),
                policy("my-ns/default", .permissive),
            ], mode: .permissive, decidedBy: ["my-ns/default"]),
        Case(
            name: "a selector in the root namespace is ignored",
            policies: [policy("root/default", .strict, selector: ["app": "foo"])],
            mode: .permissive, decidedBy: []),
        Case(
            name: "namespace against mesh DISABLE",
            policies: [policy("my-ns/default", .permissive), policy("root/default", .disable)],
            mode: .permissive, decidedBy: ["my-ns/default"]),
        Case(
            name: "the oldest of several mesh policies",
            policies: [
                policy("root/now", .disable, created: late),
                policy("root/second ago", .permissive, created: early),
                policy("root/second later", .strict, created: early),
            ], mode: .permissive, decidedBy: ["root/second ago"]),
        Case(
            name: "the oldest of several namespace policies",
            policies: [
                policy("my-ns/now", .disable, created: late),
                policy("my-ns/second ago", .permissive, created: early),
                policy("my-ns/second later", .strict, created: early),
            ], mode: .permissive, decidedBy: ["my-ns/second ago"]),
        Case(
            name: "a workload policy without a mode inherits the mesh's",
            policies: [
                policy("root/default", .strict), policy("my-ns/foo", selector: ["app": "foo"]),
            ], mode: .strict, decidedBy: ["root/default"]),
        Case(name: "no policy", policies: [], mode: .permissive, decidedBy: []),
        Case(
            name: "a namespace policy without a mode inherits the mesh's",
            policies: [policy("root/default", .strict), policy("my-ns/default")],
            mode: .strict, decidedBy: ["root/default"]),
        Case(
            name: "the oldest policy wins even when it says nothing",
            policies: [
                policy("my-ns/a", created: early), policy("my-ns/b", .strict, created: late),
            ], mode: .permissive, decidedBy: []),
        Case(
            name: "another namespace's policy",
            policies: [policy("other/default", .strict)], mode: .permissive, decidedBy: []),
        Case(
            name: "workload against namespace",
            policies: [
                policy("my-ns/foo", .disable, selector: ["app": "foo"]),
                policy("my-ns/default", .strict),
            ], mode: .disable, decidedBy: ["my-ns/foo"]),
        Case(
            name: "a selector that does not match",
            policies: [
                policy("my-ns/foo", .disable, selector: ["app": "bar"]),
                policy("my-ns/default", .strict),
            ], mode: .strict, decidedBy: ["my-ns/default"]),
    ]

    @Test("scopes compose as Istio composes them", arguments: table)
    func composition(_ given: Case) {
        for policies in [given.policies, given.policies.reversed()] {
            let decision = decide(policies)
            #expect(decision == .init(mode: given.mode, decidedBy: given.decidedBy))
        }
    }

    @Test("ports of the winning workload policy hold, and a port without a mode inherits")
    func ports() {
        let decision = decide([
            policy("root/default", .strict),
            policy(
                "my-ns/foo", ports: [8080: .permissive, 9090: .unset, 7070: .disable],
                selector: ["app": "foo"]),
        ])
        #expect(decision.mode == .strict)
        #expect(decision.ports == [8080: .permissive, 9090: .strict, 7070: .disable])
        #expect(decision.decidedBy == ["root/default", "my-ns/foo"])
        #expect(decision.mode(forPort: 8080) == .permissive)
        #expect(decision.mode(forPort: 1) == .strict)
    }

    @Test("ports of mesh-wide and namespace-wide policies are ignored")
    func widePorts() {
        let decision = decide([
            policy("root/default", .strict, ports: [8080: .permissive]),
            policy("my-ns/default", .strict, ports: [8080: .disable], selector: [:]),
        ])
        #expect(decision == .init(mode: .strict, decidedBy: ["my-ns/default"]))
    }

    @Test("the losing workload policy is dropped whole, with its ports")
    func loser() {
        let decision = decide([
            policy("my-ns/old", .strict, selector: ["app": "foo"], created: Self.early),
            policy(
                "my-ns/new", .permissive, ports: [8080: .disable], selector: ["app": "foo"],
                created: Self.late),
        ])
        #expect(decision == .init(mode: .strict, decidedBy: ["my-ns/old"]))
    }

    @Test("a pod of the root namespace obeys the mesh policy alone")
    func rootNamespace() {
        let decision = EffectiveMode.decide(
            namespace: "root", podLabels: ["app": "foo"],
            policies: [
                policy("root/default", .strict),
                policy("root/foo", .disable, selector: ["app": "foo"]),
            ], rootNamespace: "root")
        #expect(decision == .init(mode: .strict, decidedBy: ["root/default"]))
    }

    private func decide(_ policies: [PeerAuthentication]) -> EffectiveMode.Decision {
        EffectiveMode.decide(
            namespace: "my-ns", podLabels: ["app": "foo"], policies: policies,
            rootNamespace: "root")
    }
}
