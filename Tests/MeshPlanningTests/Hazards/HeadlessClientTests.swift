import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Sidecars that call headless Services")
struct HeadlessClientTests {
    private func state(
        servers: PodDataplane, isHeadless: Bool = true, client: PodDataplane = .sidecar,
        _ more: MeshPart...
    ) -> MeshState {
        let labels = servers == .ambient ? ["app": "db"] : injected("db")
        return mesh(
            [
                namespace("web", labels: client == .sidecar ? sidecarLabels : ambientLabels),
                namespace("shop", labels: servers == .ambient ? ambientLabels : sidecarLabels),
                deployment("web/front", labels: injected("front"), plane: client),
                deployment("shop/db", labels: labels, plane: servers),
            ] + more
        ).with([service("shop/db", isHeadless: isHeadless)])
    }

    private func found(
        _ state: MeshState, _ certainty: Flow.Certainty = .doubtful,
        origin: Flow.Origin = .inferred(.headlessPeers),
        _ plan: MeshPlan = plan(entry("shop", mtls: .strict))
    ) -> [Diagnostic] {
        told(
            by: HeadlessClient.self, plan, on: state,
            [flow("web/front", "shop/db", 80, certainty, origin: origin)])
    }

    @Test("ambient pods behind one would refuse it under STRICT")
    func ambient() throws {
        let only = try #require(found(state(servers: .ambient)).first)
        #expect(only.code == .headlessClient && only.severity == .warning)
        #expect(only.message.contains("would be refused"))
        #expect(only.detail.contains("istio#54921"))
        #expect(only.remedy?.contains("ports: {8080: PERMISSIVE}") == true)
    }

    @Test("a sure flow is left to the search for an order, if it is carried today")
    func sure() {
        #expect(found(state(servers: .ambient), .sure).isEmpty)
        let already = state(servers: .ambient, policy("shop/default", .strict))
        #expect(found(already, .sure).count == 1)
    }

    @Test("a pod without a sidecar makes it plaintext for all")
    func oneWithout() {
        let bare = pod("shop/db-x", labels: ["app": "db"])
        #expect(found(state(servers: .sidecar, bare)).count == 1)
        #expect(found(state(servers: .sidecar)).isEmpty)
    }

    @Test("neither ztunnel's clients nor other Services have the trouble")
    func others() {
        #expect(found(state(servers: .ambient, client: .ambient)).isEmpty)
        #expect(found(state(servers: .ambient, isHeadless: false)).isEmpty)
    }

    @Test("while pods get their sidecars under STRICT, those that have one refuse plaintext")
    func rolling() throws {
        let parts = [
            namespace("web", labels: sidecarLabels), namespace("shop", labels: sidecarLabels),
            deployment("web/front", labels: injected("front"), plane: .sidecar),
            deployment("shop/db", labels: injected("db")),
        ]
        let plan = plan(entry("shop", .sidecar))
        let strict = mesh(parts + [policy("shop/default", .strict)])
            .with([service("shop/db", isHeadless: true)])
        let only = try #require(found(strict, plan).first)
        #expect(only.code == .headlessClient)
        #expect(only.message.contains("while the pods of shop/db restart"))
        let permissive = mesh(parts).with([service("shop/db", isHeadless: true)])
        #expect(found(permissive, plan).isEmpty)
    }

    private func found(_ state: MeshState, _ plan: MeshPlan) -> [Diagnostic] {
        found(state, .doubtful, origin: .inferred(.headlessPeers), plan)
    }
}
