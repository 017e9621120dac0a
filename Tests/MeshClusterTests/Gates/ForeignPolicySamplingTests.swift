import KubernetesClient
import MeshCluster
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Looking for network policies of other kinds")
struct ForeignPolicySamplingTests {
    private static let groups = """
        {"kind": "APIGroupList", "groups": [
          {"name": "apps", "preferredVersion": {"version": "v1"}},
          {"name": "networking.k8s.io", "preferredVersion": {"version": "v1"}},
          {"name": "security.istio.io", "preferredVersion": {"version": "v1"}},
          {"name": "cilium.io", "preferredVersion": {"version": "v2"}},
          {"name": "crd.projectcalico.org", "preferredVersion": {"version": "v1"}}]}
        """
    private static let cilium = """
        {"kind": "APIResourceList", "resources": [
          {"name": "ciliumnetworkpolicies", "kind": "CiliumNetworkPolicy", "namespaced": true},
          {"name": "ciliumnetworkpolicies/status", "kind": "CiliumNetworkPolicy", "namespaced": true},
          {"name": "ciliumnodes", "kind": "CiliumNode", "namespaced": false}]}
        """
    private static let calico = """
        {"kind": "APIResourceList", "resources": [
          {"name": "globalnetworkpolicies", "kind": "GlobalNetworkPolicy", "namespaced": false},
          {"name": "stagednetworkpolicies", "kind": "StagedNetworkPolicy", "namespaced": true}]}
        """
    private static let policies = """
        {"metadata": {}, "items": [{"metadata": {"name": "deny", "namespace": "shop"}},
                                   {"metadata": {"name": "allow", "namespace": "shop"}}]}
        """

    private func foreign(
        _ changes: [String: (Int, String)?] = [:]
    ) async throws -> Reading<[ForeignPolicies]> {
        var answers: [String: (Int, String)] = [
            "GET /apis": (200, Self.groups), "GET /apis/cilium.io/v2": (200, Self.cilium),
            "GET /apis/crd.projectcalico.org/v1": (200, Self.calico),
            "GET /apis/cilium.io/v2/ciliumnetworkpolicies": (200, Self.policies),
            "GET /apis/crd.projectcalico.org/v1/globalnetworkpolicies": (
                200, #"{"metadata": {}, "items": [{"metadata": {"name": "all"}}]}"#
            ),
        ]
        for (key, answer) in changes { answers[key] = answer }
        let reader = try AnsweringCluster(answers).reader(mesh(namespace("shop")))
        return await Policy15008(namespaces: ["shop"]).sample(with: reader).foreign
    }

    @Test("kinds that call themselves network policies are found, with their names by namespace")
    func found() async throws {
        #expect(
            try await foreign()
                == .seen([
                    ForeignPolicies(
                        resource: "ciliumnetworkpolicies.cilium.io",
                        names: .seen(["shop": ["allow", "deny"]])),
                    ForeignPolicies(
                        resource: "globalnetworkpolicies.crd.projectcalico.org",
                        names: .seen(["": ["all"]])),
                ]))
    }

    @Test("a kind that may not be listed is known to be there, and its policies are not")
    func forbidden() async throws {
        let refused = AnsweringCluster.status(403, "Forbidden", "no")
        let found = try await foreign([
            "GET /apis/cilium.io/v2/ciliumnetworkpolicies": (403, refused)
        ])
        #expect(found.value?.first?.names == .unseen(why: "they may not be listed"))
    }

    @Test("without the list of groups, or of one group's kinds, nothing is known")
    func unseen() async throws {
        #expect(try await foreign(["GET /apis": nil]).value == nil)
        #expect(try await foreign(["GET /apis": (200, "ok")]).value == nil)
        #expect(try await foreign(["GET /apis/cilium.io/v2": nil]).value == nil)
    }
}
