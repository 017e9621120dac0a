import MeshModel
import Testing

/// The steps about AuthorizationPolicies of istio
/// `pilot/pkg/serviceregistry/ambient/ambientindex_test.go:TestAmbientIndex_Policy`.
@Suite("AuthorizationPolicies that a workload lists for ztunnel")
struct AuthorizationPolicyIndexTests {
    private func policy(
        _ path: String, _ selector: [String: String]? = nil,
        action: AuthorizationPolicy.Action = .allow, hasTargetRefs: Bool = false,
        annotations: [String: String] = [:]
    ) -> AuthorizationPolicy {
        let parts = path.split(separator: "/").map(String.init)
        return AuthorizationPolicy(
            meta: ObjectMeta(name: parts[1], namespace: parts[0], annotations: annotations),
            selector: selector.map { LabelSelector($0) }, hasTargetRefs: hasTargetRefs,
            action: action)
    }

    private func listed(_ policies: [AuthorizationPolicy], app: String = "a") -> [String] {
        AuthorizationPolicyIndex(policies, rootNamespace: "istio-system")
            .listedForZtunnel(namespace: "ns1", labels: ["app": app])
    }

    private var base: [AuthorizationPolicy] {
        [
            policy("istio-system/global"), policy("ns1/namespace"),
            policy("ns1/selector", ["app": "a"]),
        ]
    }

    @Test("those with a selector are listed, of the namespace and of the root's")
    func selectors() {
        #expect(listed(base) == ["ns1/selector"])
        #expect(listed(base, app: "not-a") == [])
        let global = policy("istio-system/global-selector", ["app": "a"])
        #expect(listed(base + [global]) == ["istio-system/global-selector", "ns1/selector"])
        let other = policy("istio-system/global-selector", ["app": "not-a"])
        #expect(listed(base + [other]) == ["ns1/selector"])
        #expect(listed([policy("other/selector", ["app": "a"])]) == [])
        #expect(listed([policy("ns1/empty", [:])]) == [])
    }

    @Test("what ztunnel does not get is not listed")
    func unsupported() {
        let selector = ["app": "a"]
        #expect(listed([policy("ns1/d", selector, action: .deny)]) == ["ns1/d"])
        #expect(listed([policy("ns1/a", selector, action: .audit)]) == [])
        #expect(listed([policy("ns1/c", selector, action: .custom)]) == [])
        #expect(listed([policy("ns1/t", selector, hasTargetRefs: true)]) == [])
        let dryRun = ["istio.io/dry-run": "true"]
        #expect(listed([policy("ns1/r", selector, annotations: dryRun)]) == [])
    }
}
