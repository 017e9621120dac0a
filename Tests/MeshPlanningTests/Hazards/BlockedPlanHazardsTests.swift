import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Hazards of a plan that broken flows block")
struct BlockedPlanHazardsTests {
    private func told(
        _ entries: NamespaceEntry..., on state: MeshState, _ flows: [Flow],
        accepted: Set<String> = []
    ) -> [Diagnostic] {
        RolloutPlanner.plan(
            plan { $0.namespaces = entries }, on: state, flows: flows,
            options: .init(accepted: accepted)
        ).diagnostics
    }

    private func codes(_ found: [Diagnostic]) -> [DiagnosticCode] { found.map(\.code) }

    /// `shop/web` has a sidecar, and is called by `shop/old`, which has none and wants none.
    private func shop(_ parts: MeshPart...) -> MeshState {
        mesh(
            [
                namespace("shop", labels: sidecarLabels),
                deployment("shop/web", labels: injected("web"), plane: .sidecar),
            ] + parts
        ).with([service("shop/web")])
    }

    private let outside = flow(
        from: .external, to: serviceServer("shop/web"), .sure, origin: .declared)

    @Test("one pass tells broken flows and what is wrong with where the plan ends")
    func onePass() {
        let agent = pod("shop/agent", labels: ["app": "agent"], hostNetwork: true)
        let found = told(strictEntry("shop", .sidecar), on: shop(agent), [outside])
        #expect(codes(found) == [.flowWouldBreak, .unprotectedWorkload])
        #expect(found.severities == [.error, .error])
    }

    @Test("a flow that is told as broken is not told again by a hazard of its clients")
    func once() {
        let found = told(strictEntry("shop", .sidecar), on: shop(), [outside])
        #expect(codes(found) == [.flowWouldBreak])
    }

    @Test("a rule that breaks a flow is told with the flow, and by itself where nobody calls")
    func destinationRule() {
        let rule = clientRule("shop/web", host: "web", .disable)
        let state = shop(
            rule, deployment("shop/client", labels: injected("client"), plane: .sidecar))
        let calls = flow("shop/client", "shop/web", 80, .sure)
        let entry = strictEntry("shop", .sidecar)
        let alone = codes(told(entry, on: state, []))
        #expect(alone.contains(.destinationRuleAgainstStrict))
        let broken = codes(told(entry, on: state, [calls]))
        #expect(broken.contains(.flowWouldBreak))
        #expect(!broken.contains(.destinationRuleAgainstStrict))
        #expect(!broken.contains(.excludedPortClients))
        // Who accepts that one flow breaks has not accepted it for all who take the rule.
        #expect(
            codes(told(entry, on: state, [calls], accepted: [calls.text]))
                .contains(.destinationRuleAgainstStrict))
    }

    @Test("what cuts connections at a step is told once there is an order")
    func order() {
        func state(_ labels: [String: String]) -> MeshState {
            mesh(
                namespace("shop", labels: sidecarLabels),
                deployment("shop/web", labels: injected("web"), plane: .sidecar),
                namespace("edge"), deployment("edge/app", labels: ["app": "app"])
            ).with([service("shop/web")])
        }
        let entries = [strictEntry("shop", .sidecar), entry("edge", .ambient)]
        let free = told(entries[0], entries[1], on: state([:]), [])
        #expect(codes(free).contains(.captureCutsConnections))
        let blocked = told(entries[0], entries[1], on: state([:]), [outside])
        #expect(codes(blocked).contains(.flowWouldBreak))
        #expect(!codes(blocked).contains(.captureCutsConnections))
    }
}
