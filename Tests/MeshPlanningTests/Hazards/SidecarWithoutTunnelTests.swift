import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Sidecars that ambient clients cannot reach by HBONE")
struct SidecarWithoutTunnelTests {
    private func found(
        _ plan: MeshPlan, tunnel: Bool = false, client: PodDataplane = .none,
        flows: [Flow] = [], policies: MeshPart = MeshPart()
    ) -> [Diagnostic] {
        let state = mesh(
            namespace("web", labels: client == .ambient ? ambientLabels : [:]),
            namespace("shop", labels: sidecarLabels),
            deployment("web/front", labels: ["app": "front"], plane: client),
            deployment("shop/cart", labels: injected("cart", tunnel: tunnel), plane: .sidecar),
            policies
        ).with([service("shop/cart")])
        return told(by: SidecarWithoutTunnel.self, plan, on: state, flows)
    }

    static let sure = flow("web/front", "shop/cart", 80, .sure)

    @Test("with ambient clients to come, or there, it is a warning that names the restarts")
    func warning() throws {
        let cases = [found(plan(entry("web", .ambient))), found(plan(), client: .ambient)]
        for found in cases {
            let only = try #require(found.first)
            #expect(found.count == 1 && only.severity == .warning)
            #expect(only.code == .sidecarWithoutTunnel)
            #expect(only.remedy == "kubectl -n shop rollout restart deployment/cart")
        }
    }

    @Test("where the end refuses a flow that must be carried, it is an error")
    func error() {
        let strict = plan(entry("web", .ambient), entry("shop", mtls: .strict))
        #expect(found(strict, flows: [Self.sure]).map(\.severity) == [.error])
        #expect(
            found(strict, flows: [flow("web/front", "shop/cart", 80)]).map(\.severity) == [.warning]
        )
        let permissive = plan(entry("web", .ambient), entry("shop", mtls: .permissive))
        #expect(found(permissive, flows: [Self.sure]).map(\.severity) == [.warning])
    }

    @Test("nothing is said with the tunnel label, or without ambient clients")
    func fine() {
        #expect(found(plan(entry("web", .ambient)), tunnel: true).isEmpty)
        #expect(found(plan(entry("web", .sidecar))).isEmpty)
    }

    @Test("what moves to the ambient mesh itself needs no tunnel")
    func moves() {
        #expect(found(plan(entry("web", .ambient), entry("shop", .ambient))).isEmpty)
    }
}
