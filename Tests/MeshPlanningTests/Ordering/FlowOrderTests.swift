import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("A rollout that keeps its flows")
struct FlowOrderTests {
    private static let ambient = ["istio.io/dataplane-mode": "ambient"]
    private static let injected = ["istio-injection": "enabled"]

    private func result(
        _ state: MeshState, _ plan: MeshPlan, _ flows: [Flow], accepted: Set<String> = []
    ) -> PlannedRollout {
        RolloutPlanner.plan(
            plan, on: state, flows: flows, options: .init(accepted: accepted))
    }

    private func shop(_ plane: PodDataplane, _ labels: [String: String]) -> [MeshPart] {
        [
            namespace("shop", labels: labels),
            deployment("shop/cart", labels: ["app": "cart"], plane: plane),
            service("shop/cart", ["app": "cart"]), namespace("edge"),
            deployment("edge/tunnel", labels: ["app": "tunnel"]),
        ]
    }

    @Test(
        "STRICT is blocked while a client outside the mesh calls the port, and says which exception helps"
    )
    func blockedByPlaintext() throws {
        let found = result(
            mesh(shop(.ambient, Self.ambient)), plan(entry("shop", mtls: .strict)),
            [flow("edge/deployment/tunnel", "shop/service/cart:80")])
        #expect(found.isBlocked)
        let diagnostic = try #require(found.diagnostics.first)
        #expect(diagnostic.code == .flowWouldBreak)
        #expect(
            diagnostic.message == "edge/deployment/tunnel->shop/service/cart:80 would be refused")
        #expect(diagnostic.detail.contains("PeerAuthentication shop/default, stage strict"))
        #expect(diagnostic.detail.contains("strict-refuses-plaintext"))
        #expect(
            diagnostic.remedy == """
                # under the entry of namespace shop:
                exceptions:
                  - name: cart
                    selector: {app: cart}
                    ports: {8080: PERMISSIVE}
                    reason: edge/deployment/tunnel cannot send mTLS
                """)
    }

    @Test("the exception that the remedy names unblocks the plan")
    func exceptionHelps() {
        let found = result(
            mesh(shop(.ambient, Self.ambient)),
            plan(
                entry(
                    "shop", mtls: .strict,
                    exceptions: [exception("cart", ["app": "cart"], [8080: .permissive])])),
            [flow("edge/deployment/tunnel", "shop/service/cart:80")])
        #expect(!found.isBlocked)
    }

    @Test("a doubtful flow warns, an accepted one is noted, and neither blocks")
    func doubtfulAndAccepted() {
        let state = mesh(shop(.sidecar, Self.injected))
        let doubtful = result(
            state, plan(entry("shop", mtls: .strict)),
            [flow("external", "shop/service/cart:80", certainty: .doubtful)])
        #expect(doubtful.diagnostics.map(\.severity) == [.warning])
        let accepted = result(
            state, plan(entry("shop", mtls: .strict)),
            [flow("external", "shop/service/cart:80")],
            accepted: ["external->shop/service/cart:80"])
        #expect(accepted.diagnostics.map(\.severity) == [.note])
    }

    @Test("a client that the plan takes into the mesh first is no reason to block")
    func clientJoins() {
        let found = result(
            mesh(shop(.ambient, Self.ambient)),
            plan(entry("shop", mtls: .strict), entry("edge", .ambient)),
            [flow("edge/deployment/tunnel", "shop/service/cart:80")])
        #expect(!found.isBlocked)
        #expect(!found.rollout.steps.isEmpty)
    }

    @Test("a flow that is refused today already is nobody's to keep")
    func refusedToday() {
        let found = result(
            mesh(shop(.ambient, Self.ambient) + [policy("shop/default", .strict)]),
            plan(entry("shop", mtls: .strict)),
            [flow("edge/deployment/tunnel", "shop/service/cart:80")])
        #expect(!found.isBlocked)
    }

    /// Under STRICT, ambient clients reach only sidecars that were injected with HBONE.
    private func migration(injectsHBONE: Bool) -> MeshState {
        var state = mesh(
            namespace("a", labels: Self.injected),
            deployment("a/web", labels: ["app": "web"], plane: .sidecar),
            namespace("b", labels: Self.injected),
            deployment("b/db", labels: ["app": "db"], plane: .sidecar),
            service("b/db", ["app": "db"]), policy("b/default", .strict))
        state.flows.settings.injectsHBONE = injectsHBONE
        return state
    }

    @Test(
        "from sidecars to ambient under STRICT, a server goes before its clients, whatever their names"
    )
    func serverFirst() {
        let found = result(
            migration(injectsHBONE: false), plan(entry("a", .ambient), entry("b", .ambient)),
            [flow("a/deployment/web", "b/service/db:80")])
        #expect(!found.isBlocked)
        let labels = found.rollout.steps.filter { $0.change.action == .label }
        #expect(labels.first?.change.namespace == "b")
    }

    @Test("where the plan moves the client alone, the server's sidecars are the obstacle")
    func clientAlone() throws {
        let found = result(
            migration(injectsHBONE: true), plan(entry("a", .ambient)),
            [flow("a/deployment/web", "b/service/db:80")])
        #expect(found.isBlocked)
        let diagnostic = try #require(found.diagnostics.first)
        #expect(
            diagnostic.detail.contains("server was injected without HBONE")
                || diagnostic.detail.contains("injected without HBONE"))
        #expect(diagnostic.remedy == "kubectl -n b rollout restart deployment/db")
    }

    @Test(
        "a headless Service's sidecar clients break while its pods get sidecars under STRICT one by one"
    )
    func headless() {
        let found = result(
            mesh(
                namespace("a", labels: Self.injected),
                deployment("a/web", labels: ["app": "web"], plane: .sidecar),
                namespace("b", labels: Self.injected),
                controller(.statefulSet, "b/db", labels: ["app": "db"], plane: .sidecar),
                service("b/db", ["app": "db"], name: "tcp", isHeadless: true),
                policy("b/default", .strict)),
            plan(entry("b", .ambient)), [flow("a/deployment/web", "b/service/db:80")])
        #expect(found.isBlocked)
    }

    @Test("a client leaves the mesh only after its server was relaxed, in stage enroll already")
    func leavingAfterRelaxing() {
        let state = mesh(
            namespace("a", labels: Self.ambient),
            deployment("a/web", labels: ["app": "web"], plane: .ambient),
            namespace("b", labels: Self.ambient),
            deployment("b/db", labels: ["app": "db"], plane: .ambient),
            service("b/db", ["app": "db"]),
            policy("b/default", .strict, labels: madeBy(plan: "home")))
        for stage in Stage.allCases {
            let found = RolloutPlanner.plan(
                plan(entry("a", DesiredDataplane.none), entry("b", mtls: .permissive)), on: state,
                flows: [flow("a/deployment/web", "b/service/db:80")],
                options: .init(through: stage))
            #expect(!found.isBlocked)
            #expect(
                found.lines == [
                    "enroll update PeerAuthentication b/default PERMISSIVE",
                    "enroll label Namespace a istio.io/dataplane-mode-",
                ])
        }
    }

    @Test("the effective change of a workload counts its clients by how they fare")
    func clients() throws {
        let found = result(
            mesh(
                shop(.ambient, Self.ambient) + [
                    deployment("shop/web", labels: ["app": "web"], plane: .ambient)
                ]),
            plan(entry("shop", mtls: .strict)),
            [
                flow("edge/deployment/tunnel", "shop/service/cart:80", certainty: .doubtful),
                flow("shop/deployment/web", "shop/service/cart:80"),
            ])
        let change = try #require(
            found.effectiveChanges.first { $0.workload == "shop/Deployment/cart" })
        #expect(change.clients == [ClientTally(port: 8080, mtls: 1, refused: 1)])
    }

    @Test("a flow that is to be refused, and still gets in, is a warning once the server is STRICT")
    func expectedRefused() {
        var refused = flow("shop/deployment/web", "shop/service/cart:80")
        refused.expect = .refused
        let state = mesh(
            shop(.ambient, Self.ambient) + [
                deployment("shop/web", labels: ["app": "web"], plane: .ambient)
            ])
        let strict = result(state, plan(entry("shop", mtls: .strict)), [refused])
        #expect(strict.codes == [.flowExpectedRefused])
        #expect(!strict.isBlocked)
        let permissive = result(state, plan(entry("shop", mtls: .permissive)), [refused])
        #expect(permissive.codes == [])
    }

    @Test("a declared flow that never works is a warning with the command that explains it")
    func neverCarried() {
        let found = result(
            mesh(shop(.ambient, Self.ambient) + [policy("shop/default", .strict)]),
            plan(entry("shop", mtls: .strict)), [flow("external", "shop/service/cart:80")])
        #expect(found.codes == [.flowNotCarried])
        #expect(
            found.diagnostics.first?.remedy
                == "meshctl explain --from external --to shop/service/cart:80")
    }

    @Test(
        "from DISABLE to PERMISSIVE, a client rule of the plan comes first, and makes a pin needless"
    )
    func ruledClients() {
        let state = mesh(
            namespace("a", labels: Self.injected),
            deployment("a/web", labels: ["app": "web"], plane: .sidecar),
            namespace("b", labels: Self.injected),
            deployment("b/db", labels: ["app": "db"], plane: .sidecar),
            service("b/db", ["app": "db"]),
            policy("b/default", .disable, labels: madeBy(plan: "home")))
        let flows = [flow("a/deployment/web", "b/service/db:80")]
        let wanted = plan(entry("b", mtls: .permissive)) {
            $0.clients = [client("db.b.svc.cluster.local", [80: .disable])]
        }
        let found = result(state, wanted, flows)
        #expect(!found.isBlocked)
        #expect(
            found.rollout.steps.map(\.change.object.kind) == [
                "DestinationRule", "PeerAuthentication",
            ])
        #expect(found.rollout.steps.map(\.phase) == [.permissive, .permissive])
    }
}
