import MeshModel
import Testing

/// The tables are those of istio `pilot/pkg/serviceregistry/ambient/ambientindex_test.go`:
/// `TestRBACConvert` with its golden files, and `TestAmbientIndex_Policy`.
@Suite("What ztunnel denies")
struct ZtunnelPoliciesTests {
    typealias Denied = ZtunnelPolicies.DeniedPorts

    static let a = ["app": "a"]
    static let root = "istio-system"

    struct Conversion: CustomTestStringConvertible, Sendable {
        var name: String
        var policy: PeerAuthentication
        var namespace: PeerAuthentication?
        var mesh: PeerAuthentication?
        var denied: Denied?
        var testDescription: String { name }
    }

    static func workload(_ mode: MTLSMode, _ ports: [Int: MTLSMode] = [:]) -> PeerAuthentication {
        policy("ns1/selector", mode, ports: ports, selector: a)
    }
    static func mesh(_ mode: MTLSMode) -> PeerAuthentication { policy("istio-system/global", mode) }
    static func namespace(_ mode: MTLSMode) -> PeerAuthentication {
        policy("ns1/namespace", mode)
    }

    @Test(
        "a workload policy is converted as Istio's golden files say",
        arguments: [
            Conversion(name: "disable", policy: policy("ns1/disable-mtls", .disable)),
            Conversion(
                name: "permissive with a STRICT port",
                policy: workload(.permissive, [9090: .strict]), denied: .only([9090])),
            Conversion(
                name: "STRICT ports under PERMISSIVE parents",
                policy: workload(.unset, [9090: .strict, 8080: .strict]),
                namespace: namespace(.permissive), mesh: mesh(.permissive),
                denied: .only([8080, 9090])),
            Conversion(
                name: "a PERMISSIVE port under a PERMISSIVE mesh",
                policy: workload(.unset, [9090: .permissive]), mesh: mesh(.permissive)),
            Conversion(
                name: "a PERMISSIVE port under a STRICT namespace",
                policy: workload(.unset, [9090: .permissive]), namespace: namespace(.strict),
                mesh: mesh(.permissive), denied: .allExcept([9090])),
            Conversion(
                name: "mixed ports under an unset namespace",
                policy: workload(.unset, [9090: .strict, 8080: .permissive]),
                namespace: namespace(.unset), mesh: mesh(.permissive), denied: .only([9090])),
            Conversion(
                name: "a STRICT port under STRICT mesh and PERMISSIVE namespace",
                policy: workload(.unset, [9090: .strict]), namespace: namespace(.permissive),
                mesh: mesh(.strict), denied: .only([9090])),
            Conversion(
                name: "a PERMISSIVE port under a STRICT mesh",
                policy: workload(.unset, [9090: .permissive]), mesh: mesh(.strict),
                denied: .allExcept([9090])),
            Conversion(name: "STRICT without ports", policy: workload(.strict)),
            Conversion(
                name: "STRICT with STRICT ports", policy: workload(.strict, [9090: .strict])),
            Conversion(
                name: "STRICT with relaxed ports",
                policy: workload(.strict, [1: .permissive, 2: .disable, 3: .strict, 4: .unset]),
                denied: .allExcept([1, 2])),
            Conversion(
                name: "a policy of the root namespace",
                policy: policy("istio-system/w", .permissive, ports: [1: .strict], selector: a)),
        ])
    func conversion(_ given: Conversion) {
        let converted = ZtunnelPolicies.convert(
            given.policy, namespacePolicy: given.namespace, meshPolicy: given.mesh,
            rootNamespace: Self.root)
        #expect(converted == given.denied)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var policies: [PeerAuthentication]
        var references: [String]
        var denied: Denied
        var missing: [String] = []
        var testDescription: String { name }
    }

    static let staticStrict = ["istio-system/istio_converted_static_strict"]
    static let converted = ["ns1/converted_peer_authentication_selector"]

    @Test(
        "a workload lists what Istio's own test says",
        arguments: [
            Case(
                name: "namespace STRICT over mesh PERMISSIVE",
                policies: [mesh(.permissive), namespace(.strict)], references: staticStrict,
                denied: .all),
            Case(
                name: "a STRICT selector changes nothing",
                policies: [mesh(.permissive), namespace(.strict), workload(.strict)],
                references: staticStrict, denied: .all),
            Case(
                name: "a PERMISSIVE selector under namespace STRICT",
                policies: [mesh(.permissive), namespace(.strict), workload(.permissive)],
                references: [], denied: .none),
            Case(
                name: "a STRICT selector over namespace PERMISSIVE",
                policies: [mesh(.permissive), namespace(.permissive), workload(.strict)],
                references: staticStrict, denied: .all),
            Case(
                name: "a STRICT port under an inherited STRICT",
                policies: [
                    mesh(.permissive), namespace(.strict), workload(.unset, [9090: .strict]),
                ],
                references: staticStrict, denied: .all),
            Case(
                name: "the namespace relaxed to PERMISSIVE",
                policies: [namespace(.permissive), workload(.unset, [9090: .permissive])],
                references: [], denied: .none),
            Case(name: "no policy", policies: [], references: [], denied: .none),
            Case(
                name: "a PERMISSIVE port under mesh STRICT",
                policies: [mesh(.strict), workload(.unset, [9090: .permissive])],
                references: converted, denied: .allExcept([9090])),
            Case(
                name: "DISABLE is PERMISSIVE", policies: [mesh(.strict), namespace(.disable)],
                references: [], denied: .none),
        ])
    func references(_ given: Case) { expect(given) }

    @Test(
        "where the two halves of istiod disagree, ztunnel differs from a sidecar",
        arguments: [
            Case(
                name: "a STRICT port of a PERMISSIVE workload under mesh STRICT",
                policies: [mesh(.strict), workload(.permissive, [9090: .strict])],
                references: converted, denied: .none, missing: converted),
            Case(
                name: "the same with an unset namespace policy",
                policies: [mesh(.strict), namespace(.unset), workload(.disable, [9090: .strict])],
                references: converted, denied: .none, missing: converted),
            Case(
                name: "the same is sound with an explicit namespace policy",
                policies: [
                    mesh(.strict), namespace(.strict), workload(.permissive, [9090: .strict]),
                ],
                references: converted, denied: .only([9090])),
            Case(
                name: "a PERMISSIVE port where an unset namespace policy lies between",
                policies: [
                    mesh(.strict), namespace(.unset), workload(.unset, [9090: .permissive]),
                ],
                references: converted, denied: .none, missing: converted),
            Case(
                name: "DISABLE on a port does not hold under an inherited STRICT",
                policies: [mesh(.strict), workload(.unset, [9090: .disable])],
                references: staticStrict, denied: .all),
        ])
    func disagreements(_ given: Case) { expect(given) }

    @Test(
        "a mesh policy with an empty selector holds for sidecars only, outside the root namespace")
    func emptySelector() {
        let index = PeerAuthenticationIndex(
            [policy("istio-system/default", .strict, selector: [:])], rootNamespace: Self.root)
        func denied(_ namespace: String) -> Denied {
            ZtunnelPolicies.decide(namespace: namespace, podLabels: [:], policies: index).denied
        }
        #expect(denied("ns1") == .none)
        #expect(denied(Self.root) == .all)
        let sidecar = EffectiveMode.decide(namespace: "ns1", podLabels: [:], policies: index)
        #expect(sidecar.mode == .strict)
    }

    /// Of all shapes of mesh, namespace and workload policy with two ports, these differ and no
    /// others: a guard on both algorithms at once.
    @Test("of 2525 shapes 94 differ between the data planes: 45 more open, 49 more closed")
    func everyShape() {
        var (more, fewer, shapes) = (0, 0, 0)
        for policies in Self.shapes {
            shapes += 1
            let index = PeerAuthenticationIndex(policies, rootNamespace: Self.root)
            let sidecar = EffectiveMode.decide(namespace: "ns1", podLabels: Self.a, policies: index)
            let ztunnel = ZtunnelPolicies.decide(
                namespace: "ns1", podLabels: Self.a, policies: index)
            let differs = [1, 2, 3].map { port in
                (sidecar.mode(forPort: port) == .strict, ztunnel.refusesPlaintext(onPort: port))
            }.filter { $0.0 != $0.1 }
            if differs.contains(where: { $0.0 }) { more += 1 }
            if differs.contains(where: { $0.1 }) { fewer += 1 }
        }
        #expect(shapes == 2525)
        #expect(more == 45)
        #expect(fewer == 49)
    }

    /// Absent or one of four modes for the mesh and the namespace; no workload policy, or one with
    /// a mode and two ports that are each absent or have one of four modes.
    private static var shapes: [[PeerAuthentication]] {
        let modes: [MTLSMode?] = [nil] + MTLSMode.allCases.map(Optional.init)
        var workloads: [PeerAuthentication?] = [nil]
        for mode in MTLSMode.allCases {
            for first in modes {
                for second in modes {
                    workloads.append(workload(mode, [1: first, 2: second].compactMapValues { $0 }))
                }
            }
        }
        return modes.flatMap { meshMode in
            modes.flatMap { namespaceMode in
                workloads.map { workload in
                    [meshMode.map(mesh), namespaceMode.map(namespace), workload].compactMap { $0 }
                }
            }
        }
    }

    private func expect(_ given: Case) {
        let index = PeerAuthenticationIndex(given.policies, rootNamespace: Self.root)
        let decision = ZtunnelPolicies.decide(
            namespace: "ns1", podLabels: Self.a, policies: index)
        #expect(
            decision
                == .init(
                    references: given.references, missing: given.missing, denied: given.denied))
    }
}
