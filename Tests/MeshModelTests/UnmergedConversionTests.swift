import MeshModel
import Testing

/// The shapes of istio issues 53884 and 54146, read off
/// `pilot/pkg/serviceregistry/kube/controller/ambient/authorization.go` of 1.24.2.
@Suite("Policies that istiod does not merge, up to 1.24.2")
struct UnmergedConversionTests {
    private func decide(
        _ policies: [PeerAuthentication], _ version: IstioVersion = IstioVersion(1, 24, 2)
    ) -> ZtunnelPolicies.Decision {
        ZtunnelPolicies.decide(
            namespace: "shop", podLabels: ["app": "web"],
            policies: PeerAuthenticationIndex(
                policies, rootNamespace: "istio-system", version: version))
    }

    private func own(_ mode: MTLSMode, _ ports: [Int: MTLSMode]) -> PeerAuthentication {
        policy("shop/web", mode, ports: ports, selector: ["app": "web"])
    }

    private let strict = policy("shop/default", .strict)
    private let name = "shop/converted_peer_authentication_web"

    @Test("an exception without a mode of its own opens nothing, and shuts the rest to everybody")
    func unsetUnderStrict() {
        let old = decide([strict, own(.unset, [8080: .permissive])])
        #expect(old.references == ["istio-system/istio_converted_static_strict", name])
        #expect(old.refusesPlaintext(onPort: 8080))
        #expect(!old.deniedToAll.contains(8080))
        #expect(old.deniedToAll.contains(9090))
        let new = decide(
            [strict, own(.unset, [8080: .permissive])], IstioVersion(1, 24, 3))
        #expect(new.references == [name])
        #expect(!new.refusesPlaintext(onPort: 8080))
        #expect(new.refusesPlaintext(onPort: 9090) && new.deniedToAll == .none)
    }

    @Test("an exception with an explicit mode holds in every version")
    func explicit() {
        for version in [IstioVersion(1, 24, 0), IstioVersion(1, 30, 0)] {
            let found = decide([strict, own(.strict, [8080: .permissive])], version)
            #expect(found.references == [name] && found.deniedToAll == .none)
            #expect(!found.refusesPlaintext(onPort: 8080))
            #expect(found.refusesPlaintext(onPort: 9090))
        }
    }

    @Test("two STRICT ports refuse nothing, one is refused")
    func strictPorts() {
        #expect(decide([own(.permissive, [1: .strict, 2: .strict])]).denied == .none)
        #expect(decide([own(.permissive, [1: .strict])]).denied == .only([1]))
        let new = decide([own(.permissive, [1: .strict, 2: .strict])], IstioVersion(1, 25, 0))
        #expect(new.denied == .only([1, 2]))
    }

    @Test("a STRICT port beside an exception leaves all others open under a STRICT workload")
    func strictPortBesideException() {
        let old = decide([own(.strict, [8080: .permissive, 9090: .strict])])
        #expect(old.denied == .only([9090]))
        let new = decide(
            [own(.strict, [8080: .permissive, 9090: .strict])], IstioVersion(1, 24, 3))
        #expect(new.denied == .allExcept([8080]))
    }

    @Test("shapes without ports are alike in all versions")
    func withoutPorts() {
        for mode in MTLSMode.allCases {
            #expect(
                decide([strict, own(mode, [:])])
                    == decide([strict, own(mode, [:])], IstioVersion(1, 30, 0)))
        }
    }

    @Test("what is refused to everybody is refused to HBONE too")
    func reception() {
        #expect(
            ZtunnelReception.decide(deniesAnonymous: true, deniesAll: true, bytes: .hbone)
                == Reception(.refused, .policyRefusesEverybody))
    }
}
