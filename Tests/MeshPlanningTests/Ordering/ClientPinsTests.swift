import Diagnostics
import JSON
import MeshModel
import TestSupport
import Testing

@testable import MeshPlanning

@Suite("Clients pinned while a server changes between DISABLE and PERMISSIVE")
struct ClientPinsTests {
    private static let injected = ["istio-injection": "enabled"]
    private static let host = "db.b.svc.cluster.local"
    private static let pin = #"DestinationRule b/meshctl-pin-db"#
    private static let spec =
        #"{"host":"db.b.svc.cluster.local","trafficPolicy":{"portLevelSettings":[{"port":{"number":80},"tls":{"mode":"DISABLE"}}]}}"#
    private let ours = madeBy(plan: "home")
    private let flows = [flow("a/deployment/web", "b/service/db:80")]

    /// `a/web` and `b/db` with sidecars, and other parts.
    private func state(isHeadless: Bool = false, _ parts: MeshPart...) -> MeshState {
        mesh(
            [
                namespace("a", labels: Self.injected), namespace("b", labels: Self.injected),
                deployment("a/web", labels: ["app": "web"], plane: .sidecar),
                deployment("b/db", labels: ["app": "db"], plane: .sidecar),
                service("b/db", ["app": "db"], isHeadless: isHeadless),
            ] + parts)
    }

    private func disabled(_ parts: MeshPart...) -> MeshState {
        var state = state()
        let more = mesh([policy("b/default", .disable, labels: ours)] + parts)
        state.peerAuthentications += more.peerAuthentications
        state.flows.destinationRules += more.flows.destinationRules
        state.flows.services += more.flows.services
        state.namespaces += more.namespaces
        state.workloads += more.workloads
        state.pods += more.pods
        return state
    }

    private func result(
        _ state: MeshState, _ plan: MeshPlan, _ flows: [Flow]? = nil, through: Stage = .strict
    ) -> PlannedRollout {
        RolloutPlanner.plan(
            plan, on: state, flows: flows ?? self.flows, options: .init(through: through))
    }

    private func leftPin(_ path: String = "b/meshctl-pin-db") throws -> MeshPart {
        try destinationRule(
            path, host: Self.host,
            ["portLevelSettings": [["port": ["number": 80], "tls": ["mode": "DISABLE"]]]],
            labels: ours.merging([LabelKeys.pin: "true"]) { $1 })
    }

    @Test("they are pinned, the server is changed, and they are let go, each after the one before")
    func split() throws {
        let found = result(disabled(), plan(entry("b", mtls: .permissive)))
        #expect(!found.isBlocked)
        #expect(
            found.batchLines == [
                ["permissive create \(Self.pin) \(Self.spec)"],
                ["permissive update PeerAuthentication b/default PERMISSIVE"],
                ["permissive delete \(Self.pin)"],
            ])
        #expect(found.rollout.steps.allSatisfy { $0.settles })
        guard case .traffic(let made) = found.rollout.steps[0].change,
            case .traffic(let gone) = found.rollout.steps[2].change
        else {
            Issue.record("the first and the last step write rules")
            return
        }
        #expect(made.after == gone.before)
        #expect(made.after?.labels == ours.merging([LabelKeys.pin: "true"]) { $1 })
    }

    @Test("on the way to STRICT they are free again before the flip")
    func toStrict() {
        let found = result(disabled(), plan(entry("b", mtls: .strict)))
        #expect(
            found.lines.suffix(2) == [
                "permissive delete \(Self.pin)",
                "strict update PeerAuthentication b/default STRICT",
            ])
        #expect(!found.isBlocked)
    }

    @Test("on the way to DISABLE they are pinned in stage strict")
    func toDisable() {
        let state = state(policy("b/default", .strict, labels: ours))
        let found = result(state, plan(entry("b", mtls: .disable)))
        #expect(!found.isBlocked)
        #expect(
            found.lines == [
                "permissive update PeerAuthentication b/default PERMISSIVE",
                "strict create \(Self.pin) \(Self.spec)",
                "strict update PeerAuthentication b/default DISABLE",
                "strict delete \(Self.pin)",
            ])
    }

    @Test("after the run nothing is left to plan")
    func reached() {
        let state = disabled()
        let wanted = plan(entry("b", mtls: .strict))
        let after = state.applying(result(state, wanted).rollout.steps.map(\.change))
        #expect(after.flows.destinationRules == [])
        #expect(result(after, wanted).lines == [])
    }

    @Test("only the Services whose flows break are pinned")
    func onlyThose() {
        let other = deployment("b/cache", labels: ["app": "cache"], plane: .sidecar)
        let state = disabled(other, service("b/cache", ["app": "cache"]))
        let found = result(state, plan(entry("b", mtls: .permissive)))
        #expect(found.lines.count { $0.contains("DestinationRule") } == 2)
        let both = result(
            state, plan(entry("b", mtls: .permissive)),
            flows + [flow("a/deployment/web", "b/service/cache:80")])
        #expect(both.batchLines.map(\.count) == [2, 1, 2])
        #expect(!both.isBlocked)
    }

    @Test("clients that send plaintext anyway need no pin")
    func plaintextClients() {
        let state = disabled(namespace("c"), deployment("c/cron", labels: ["app": "cron"]))
        let found = result(
            state, plan(entry("b", mtls: .permissive)),
            [flow("c/deployment/cron", "b/service/db:80")]
        )
        #expect(found.lines == ["permissive update PeerAuthentication b/default PERMISSIVE"])
    }

    @Test(
        "a headless Service's clients are pinned as well, also where they call its pods' addresses")
    func headless() {
        let state = state(isHeadless: true, policy("b/default", .disable, labels: ours))
        for server in ["b/service/db:80", "b/deployment/db:8080"] {
            let found = result(
                state, plan(entry("b", mtls: .permissive)), [flow("a/deployment/web", server)])
            #expect(!found.isBlocked)
            #expect(found.batchLines.map(\.count) == [1, 1, 1])
            #expect(found.lines.first == "permissive create \(Self.pin) \(Self.spec)")
        }
    }

    @Test("the mesh's own DISABLE, and a port's, are left in the same way")
    func otherScopes() {
        let wide = result(
            state(
                policy("istio-system/default", .disable, labels: ours), namespace("istio-system")),
            plan(mtls: .permissive))
        let port = result(
            state(
                policy("b/default", .permissive, labels: ours),
                policy(
                    "b/meshctl-db", .permissive, selector: ["app": "db"], ports: [8080: .disable],
                    labels: ours)), plan(entry("b", mtls: .permissive)))
        for found in [wide, port] {
            #expect(!found.isBlocked)
            #expect(found.batchLines.map(\.count) == [1, 1, 1])
            #expect(found.lines.first?.contains("create \(Self.pin)") == true)
        }
    }

    @Test(
        "where a rule speaks of the host already, or of all hosts, a person decides, and the plan is blocked",
        arguments: [("b/mine", host), ("b/mine", "*.svc.cluster.local"), ("istio-system/all", "*")])
    func ruled(path: String, host: String) throws {
        let pool: JSONValue = ["connectionPool": ["tcp": ["maxConnections": 5]]]
        let state = disabled(
            try destinationRule(path, host: host, pool), namespace("istio-system"))
        let found = result(state, plan(entry("b", mtls: .permissive)))
        #expect(found.codes == [.flowWouldBreak])
        #expect(found.diagnostics.first?.remedy?.contains("ports: {80: DISABLE}") == true)
    }

    @Test("a rule in the client's own namespace would win over the pin, so the plan is blocked")
    func ruledByClient() throws {
        let pool: JSONValue = ["connectionPool": ["tcp": ["maxConnections": 5]]]
        let state = disabled(try destinationRule("a/mine", host: Self.host, pool))
        #expect(result(state, plan(entry("b", mtls: .permissive))).isBlocked)
    }

    @Test("where rules may not be listed, none is made")
    func unreadable() {
        var state = disabled()
        state.flows.unreadable = ["DestinationRule"]
        #expect(result(state, plan(entry("b", mtls: .permissive))).isBlocked)
    }

    @Test("where clients cannot be let go again, the plan is blocked")
    func forGood() {
        var state = state(policy("b/default", .disable, labels: ours))
        for index in state.pods.indices where state.pods[index].meta.namespace == "b" {
            state.pods[index].meta.annotations["traffic.sidecar.istio.io/excludeInboundPorts"] =
                "8080"
        }
        let found = result(state, plan(entry("b", mtls: .permissive)))
        #expect(found.isBlocked)
        #expect(found.diagnostics.first?.remedy?.contains("ports: {80: DISABLE}") == true)
    }

    @Test("beside a client rule of the plan, which some clients need for good, others are pinned")
    func besideRule() {
        var state = disabled(
            deployment("b/cache", labels: ["app": "cache"], plane: .sidecar),
            service("b/cache", ["app": "cache"]))
        for index in state.pods.indices where state.pods[index].meta.labels["app"] == "cache" {
            state.pods[index].meta.annotations["traffic.sidecar.istio.io/excludeInboundPorts"] =
                "8080"
        }
        let wanted = plan(entry("b", mtls: .permissive)) {
            $0.clients = [client("cache.b.svc.cluster.local", [80: .disable])]
        }
        let found = result(state, wanted, flows + [flow("a/deployment/web", "b/service/cache:80")])
        #expect(!found.isBlocked)
        #expect(
            found.rollout.steps.map(\.change.object.name) == [
                "meshctl-cache", "meshctl-pin-db", "default", "meshctl-pin-db",
            ])
    }

    @Test("a rule of that name for another host is not touched")
    func nameTaken() throws {
        let state = disabled(try destinationRule("b/meshctl-pin-db", host: "other.example.com"))
        let found = result(state, plan(entry("b", mtls: .permissive)))
        #expect(
            found.rollout.steps.map(\.change.object.name) == [
                "meshctl-pin-db-2", "default", "meshctl-pin-db-2",
            ])
    }

    @Test("what a killed run left pinned is let go after the servers have changed")
    func leftOver() throws {
        let pin = try leftPin()
        for mode in [MTLSMode.disable, .permissive] {
            let state = state(pin, policy("b/default", mode, labels: ours))
            let found = result(state, plan(entry("b", mtls: .strict)))
            let change =
                mode == .disable
                ? ["permissive update PeerAuthentication b/default PERMISSIVE"] : []
            #expect(
                found.lines == change + [
                    "permissive delete \(Self.pin)",
                    "strict update PeerAuthentication b/default STRICT",
                ])
            #expect(!found.isBlocked)
        }
    }

    @Test("also where the plan does not list the namespace any more")
    func leftOverElsewhere() throws {
        let found = result(state(try leftPin()), plan(entry("a")))
        #expect(found.lines == ["permissive delete \(Self.pin)"])
        #expect(found.codes == [])
    }

    @Test("a left pin does not pass for a client rule that the plan now has for the host")
    func leftOverAndRule() throws {
        let wanted = plan(entry("b")) { $0.clients = [client(Self.host, [80: .disable])] }
        let found = result(state(try leftPin()), wanted)
        #expect(
            found.lines == [
                "permissive create DestinationRule b/meshctl-db \(Self.spec)",
                "permissive delete \(Self.pin)",
            ])
    }
}
