import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@Suite("After which batches refusals are watched, and whose count")
struct GuardTableTests {
    private static let ambientShop = mesh(
        namespace("shop", labels: ["istio.io/dataplane-mode": "ambient"]),
        namespace("batch"),
        deployment("shop/cart", labels: ["app": "cart"], plane: .ambient),
        deployment("shop/web", labels: ["app": "web"], plane: .ambient),
        deployment("batch/report", labels: ["app": "report"]),
        service("shop/cart", ["app": "cart"]))

    private static let strict = plan(entry("shop", mtls: .strict))

    private func rollout(
        _ plan: MeshPlan = strict, on state: MeshState = ambientShop, _ flows: [Flow] = [],
        dismissed: [Flow] = [], accepted: Set<String> = [], through: Stage = .strict
    ) -> Rollout {
        RolloutPlanner.plan(
            plan, on: state, flows: flows, dismissed: dismissed,
            options: .init(through: through, accepted: accepted)
        ).rollout
    }

    private func target(_ rollout: Rollout, _ workload: String) throws -> TrafficGuard.Target {
        try #require(rollout.guards.targets.first { $0.workload == workload })
    }

    @Test("a batch that makes somebody STRICT has a guard of whoever gets stricter")
    func strict() throws {
        let rollout = rollout()
        let step = try #require(
            rollout.steps.first {
                $0.line == "strict update PeerAuthentication shop/default STRICT"
            })
        #expect(rollout.guards.map(\.batch) == [step.batch])
        #expect(
            rollout.guards.targets.map(\.workload)
                == ["shop/Deployment/cart", "shop/Deployment/web"])
    }

    @Test("a batch under which nobody gets stricter has none")
    func permissive() {
        #expect(rollout(through: .permissive).guards.isEmpty)
    }

    @Test("an ambient label has a guard of whoever it captures")
    func captured() throws {
        let state = mesh(
            namespace("shop"), deployment("shop/cart"),
            deployment("shop/side", plane: .sidecar))
        let rollout = rollout(plan(entry("shop", .ambient)), on: state)
        let step = try #require(
            rollout.steps.first {
                $0.line == "enroll label Namespace shop istio.io/dataplane-mode=ambient"
            })
        let first = try #require(rollout.guards.first)
        #expect(first.batch == step.batch)
        #expect(first.targets.map(\.workload) == ["shop/Deployment/cart"])
        // The other one gets there when it restarts without its sidecar.
        let restart = try #require(
            rollout.steps.first { $0.line == "enroll restart Deployment shop/side ambient" })
        let second = try #require(rollout.guards.first { $0.batch == restart.batch })
        #expect(second.targets.map(\.workload) == ["shop/Deployment/side"])
    }

    @Test("whom sure flows name is required, with the Services that lead there")
    func required() throws {
        let found = try target(
            rollout([flow("shop/deployment/web", "shop/service/cart:80")]), "shop/Deployment/cart")
        #expect(found.required == ["shop/Deployment/web"] && found.givenUp.isEmpty)
        #expect(found.services == ["shop/cart"] && !found.hasOutsideClients)
    }

    private func rollout(_ flows: [Flow]) -> Rollout { rollout(Self.strict, flows) }

    @Test("a doubtful flow is not required, and neither is one that is not carried today")
    func notRequired() throws {
        let doubtful = try target(
            rollout([flow("shop/deployment/web", "shop/service/cart:80", certainty: .doubtful)]),
            "shop/Deployment/cart")
        #expect(doubtful.required.isEmpty && doubtful.givenUp.isEmpty)
    }

    @Test("what the plan file or a person gives up may be refused")
    func givenUp() throws {
        let lost = flow("batch/deployment/report", "shop/service/cart:80")
        var expected = lost
        expected.expect = .refused
        for rollout in [
            rollout([expected]), rollout(dismissed: [lost]),
            rollout([lost], accepted: [lost.text]),
        ] {
            let found = try target(rollout, "shop/Deployment/cart")
            #expect(found.givenUp == ["batch/Deployment/report"] && found.required.isEmpty)
            #expect(found.givenUpPorts.isEmpty)
        }
    }

    private func rollout(_ flows: [Flow], accepted: Set<String>) -> Rollout {
        rollout(Self.strict, flows, accepted: accepted)
    }

    @Test(
        "of a client that is required and given up, the ports at which it may be refused are known")
    func ports() throws {
        let rollout = rollout(
            Self.strict, [flow("shop/deployment/web", "shop/service/cart:80")],
            dismissed: [flow("shop/deployment/web", "shop/deployment/cart:9090")])
        let found = try target(rollout, "shop/Deployment/cart")
        #expect(found.required == ["shop/Deployment/web"])
        #expect(found.givenUp == ["shop/Deployment/web"])
        #expect(found.givenUpPorts == ["shop/Deployment/web": [9090]])
    }

    @Test("who comes from outside has no name, but a port")
    func outside() throws {
        let open = plan(
            entry(
                "shop", mtls: .strict,
                exceptions: [exception("cart", ["app": "cart"], [8080: .permissive])]))
        var state = Self.ambientShop
        // The port that stays open is not the only one.
        for index in state.pods.indices where state.pods[index].meta.labels["app"] == "cart" {
            state.pods[index].containers[0].ports = [.init(number: 8080), .init(number: 9090)]
        }
        let found = try target(
            rollout(open, on: state, [flow("external", "shop/service/cart:80")]),
            "shop/Deployment/cart")
        #expect(found.hasOutsideClients && found.outsidePorts == [8080])
        #expect(found.required.isEmpty)
    }

    @Test("when the run ends is the plan file's, else the default")
    func rule() {
        #expect(rollout().settings.abort == AbortRule())
        var settings = RolloutSettings.AbortOn()
        settings.refusedConnections = 3
        settings.window = .seconds(90)
        settings.scope = .run
        let abort = rollout(
            plan(entry("shop", mtls: .strict)) { $0.rollout.abortOn = settings }
        ).settings.abort
        #expect(abort.refusedConnections == 3 && abort.windowMilliseconds == 90_000)
        #expect(abort.scope == .run)
    }
}
