import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

/// `authorization("shop/cart", selector: ["app": "cart"], http: ["methods"])`
func authorization(
    _ path: String, _ action: AuthorizationPolicy.Action = .allow,
    selector: [String: String]? = nil, identity: Set<String> = [], http: Set<String> = [],
    hasTargetRefs: Bool = false
) -> AuthorizationPolicy {
    let parts = path.split(separator: "/").map(String.init)
    return AuthorizationPolicy(
        meta: ObjectMeta(name: parts[1], namespace: parts[0]),
        selector: selector.map { LabelSelector($0) }, hasTargetRefs: hasTargetRefs, action: action,
        rules: [AuthorizationPolicy.Rule(identityFields: identity, httpFields: http)])
}

@Suite("AuthorizationPolicies about HTTP before ambient pods")
struct AuthorizationNeedsWaypointTests {
    private func found(
        _ policy: AuthorizationPolicy, _ dataplane: DesiredDataplane? = .ambient,
        plane: PodDataplane = .none
    ) -> [Diagnostic] {
        let labels = plane == .ambient ? ambientLabels : [:]
        let state = mesh(
            namespace("shop", labels: labels),
            deployment("shop/cart", labels: ["app": "cart"], plane: plane)
        ).with(around: Surroundings(authorizationPolicies: [policy]))
        return told(by: AuthorizationNeedsWaypoint.self, plan(entry("shop", dataplane)), on: state)
    }

    @Test("a policy that selects them blocks the plan, and says what becomes of it")
    func blocks() throws {
        let cart = ["app": "cart"]
        let policies = [
            authorization("shop/p", selector: cart, http: ["methods", "paths"]),
            authorization("shop/p", .deny, http: ["hosts"]),
            authorization("istio-system/p", selector: cart, http: ["methods"]),
        ]
        for policy in policies {
            let only = try #require(found(policy).first)
            #expect(only.code == .authzL7WithoutWaypoint && only.severity == .error)
            #expect(only.message.contains(policy.meta.text))
            #expect(only.detail.contains("shop/Deployment/cart"))
        }
        #expect(found(policies[0]).first?.detail.contains("methods, paths") == true)
    }

    @Test("other pods, waypoints' policies, rules without HTTP and other actions do not")
    func notConcerned() {
        #expect(found(authorization("shop/p", selector: ["app": "db"], http: ["paths"])).isEmpty)
        #expect(found(authorization("shop/p", http: ["paths"], hasTargetRefs: true)).isEmpty)
        #expect(found(authorization("shop/p", identity: ["principals"])).isEmpty)
        #expect(found(authorization("shop/p", .audit, http: ["paths"])).isEmpty)
        #expect(found(authorization("other/p", http: ["paths"])).isEmpty)
    }

    @Test("what is ambient already, or gets sidecars, is not the plan's doing")
    func notComing() {
        let policy = authorization("shop/p", http: ["paths"])
        #expect(found(policy, .sidecar).isEmpty)
        #expect(found(policy, .ambient, plane: .ambient).isEmpty)
    }
}
