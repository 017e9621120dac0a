import Diagnostics
import JSON
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Flows to hosts outside, in a rollout that keeps its flows")
struct OutsideFlowTests {
    private static let injected = ["istio-injection": "enabled"]
    private let api = "api.example.com"
    private let web = flow("web/deployment/web", "api.example.com:443")

    private func cluster(
        _ more: MeshPart..., plane: PodDataplane = .sidecar, registryOnly: Bool = false
    ) -> MeshState {
        var state = mesh(
            [
                namespace("web", labels: plane == .sidecar ? Self.injected : [:]),
                namespace("egress", labels: Self.injected), namespace("istio-system"),
                deployment("web/web", labels: ["app": "web"], plane: plane),
            ] + more)
        state.flows.settings.registryOnly = registryOnly
        return state
    }

    private func known(
        _ path: String = "web/api", in plan: String? = nil, _ more: [String: JSONValue] = [:]
    ) throws -> MeshPart {
        var spec: JSONValue = [
            "hosts": ["api.example.com"], "location": "MESH_EXTERNAL", "resolution": "DNS",
            "ports": [["number": 443, "name": "tls-443", "protocol": "TLS"]],
        ]
        for (key, value) in more { spec[key] = value }
        return try serviceEntry(path, spec, labels: plan.map { madeBy(plan: $0) } ?? [:])
    }

    private func isolating(_ hosts: [String], strictly: Bool = true) throws -> MeshPart {
        var spec: JSONValue = [
            "egress": [["hosts": .array(hosts.map(JSONValue.string))]]
        ]
        if strictly { spec["outboundTrafficPolicy"] = ["mode": "REGISTRY_ONLY"] }
        return try sidecarScope("web/default", spec, labels: madeBy(plan: "home"))
    }

    private func cut(_ hosts: String...) -> NamespaceEntry {
        var cut = entry("web")
        cut.egress = hosts
        return cut
    }

    private func result(
        _ state: MeshState, _ plan: MeshPlan, _ flows: [Flow]? = nil
    ) -> PlannedRollout {
        RolloutPlanner.plan(plan, on: state, flows: flows ?? [web])
    }

    private func objects(_ found: PlannedRollout) -> [String] {
        found.rollout.steps.map { "\($0.change.action.rawValue) \($0.change.object.text)" }
    }

    @Test("isolation that hides a host which is called is blocked under REGISTRY_ONLY alone")
    func isolation() throws {
        let far = try known("egress/api")
        let isolated = plan(cut("./*"))
        #expect(!result(cluster(far), isolated).isBlocked)
        let found = result(cluster(far, registryOnly: true), isolated)
        #expect(found.codes == [.flowWouldBreak])
        let told = try #require(found.diagnostics.first)
        #expect(
            told.message == "web/deployment/web->api.example.com:443 would be refused")
        #expect(
            told.detail.contains(
                "Step 1 (create Sidecar web/default, stage permissive) ends it at "
                    + "api.example.com:443. "))
        #expect(told.detail.contains("(registry-only)"))
        #expect(
            told.remedy == """
                # under the entry of namespace web:
                egress: ["./*", "egress/api.example.com"]
                """)
        #expect(
            !result(
                cluster(far, registryOnly: true), plan(cut("./*", "egress/api.example.com"))
            ).isBlocked)
    }

    @Test("the remedy is an external entry where no ServiceEntry is left, and works when pasted")
    func external() throws {
        let state = cluster(
            try known("egress/api", in: "home"), try isolating(["egress/*"], strictly: false),
            registryOnly: true)
        let dropping = plan(cut("egress/*"), entry("egress"))
        let found = result(state, dropping)
        #expect(found.codes == [.flowWouldBreak])
        #expect(
            found.diagnostics.first?.remedy == """
                # under spec:
                external:
                  - host: api.example.com
                    namespace: web
                    port: 443
                    protocol: TLS
                # under the entry of namespace web:
                egress: ["egress/*", "./api.example.com"]
                """)
        let pasted = plan(cut("egress/*", "./api.example.com"), entry("egress")) {
            $0.external = [TestSupport.external(api, in: "web", port: 443, "TLS")]
        }
        let kept = result(state, pasted)
        #expect(!kept.isBlocked)
        #expect(
            objects(kept) == [
                "create ServiceEntry web/meshctl-api-example-com", "update Sidecar web/default",
                "delete ServiceEntry egress/api",
            ])
    }

    @Test("what opens the host comes before the isolation")
    func opening() throws {
        let old = try known("egress/api")
        let both = plan(cut("./*")) {
            $0.external = [TestSupport.external(api, in: "web", port: 443, "TLS")]
        }
        let found = result(cluster(old, registryOnly: true), both)
        #expect(!found.isBlocked)
        #expect(
            objects(found) == [
                "create ServiceEntry web/meshctl-api-example-com", "create Sidecar web/default",
            ])
    }

    @Test("who gets a sidecar under REGISTRY_ONLY needs the entry for its host before it")
    func enrolment() throws {
        let bare = cluster(plane: .none, registryOnly: true)
        let blocked = result(bare, plan(entry("web", .sidecar)))
        #expect(blocked.codes == [.flowWouldBreak])
        #expect(blocked.diagnostics.first?.detail.contains("restart Deployment web/web") == true)
        #expect(blocked.diagnostics.first?.remedy?.contains("external:") == true)
        let found = result(
            bare,
            plan(entry("web", .sidecar)) {
                $0.external = [TestSupport.external(api, in: "web", port: 443, "TLS")]
            })
        #expect(!found.isBlocked)
        #expect(
            objects(found) == [
                "create ServiceEntry web/meshctl-api-example-com", "label Namespace web",
                "restart Deployment web/web",
            ])
        #expect(found.rollout.steps.map(\.phase) == [.enroll, .enroll, .enroll])
        // An isolation in the same plan stays in its stage, unless it is what lets the host through.
        var isolated = entry("web", .sidecar)
        isolated.egress = ["./*"]
        let both = result(
            bare,
            plan(isolated) {
                $0.external = [TestSupport.external(api, in: "web", port: 443, "TLS")]
            })
        #expect(!both.isBlocked)
        #expect(objects(both).last == "create Sidecar web/default")
        let hidden = try isolating(["~/*"], strictly: false)
        let opened = result(
            cluster(hidden, plane: .none, registryOnly: true),
            plan(isolated) {
                $0.external = [TestSupport.external(api, in: "web", port: 443, "TLS")]
            })
        #expect(!opened.isBlocked)
        #expect(
            objects(opened) == [
                "create ServiceEntry web/meshctl-api-example-com", "update Sidecar web/default",
                "label Namespace web", "restart Deployment web/web",
            ])
    }

    @Test("ambient clients are not refused: ztunnel passes on what it does not know")
    func ambient() {
        let state = cluster(plane: .none, registryOnly: true)
        #expect(!result(state, plan(entry("web", .ambient))).isBlocked)
    }

    @Test("a rule counts wherever it is, also with a wildcard, and is judged with the entry's host")
    func rules() throws {
        let wide = try known(
            "egress/api", ["hosts": ["*.example.com"], "exportTo": ["*"]])
        let dropped = try destinationRule(
            "egress/meshctl-wide", host: "*.example.com", ["tls": ["mode": "SIMPLE"]],
            labels: madeBy(plan: "home"))
        #expect(!result(cluster(wide, dropped), plan(entry("egress"))).isBlocked)
        // Whether a host outside takes the mesh's mTLS is nobody's to say here.
        var mutual = TestSupport.external("*.example.com", in: "egress", port: 443, adopt: true)
        mutual.resolution = .none
        mutual.tls = .init(mode: .istioMutual)
        let found = result(cluster(wide), plan(entry("egress")) { $0.external = [mutual] })
        #expect(found.codes == [.flowWouldBreak])
        #expect(found.diagnostics.first?.message.contains("impossible to judge") == true)
        #expect(found.diagnostics.first?.detail.contains("mtls-to-outside-host") == true)
    }

    @Test("a flow that is expected to be refused, or that is not carried today, is told")
    func expectations() throws {
        var refused = web
        refused.expect = .refused
        let open = result(cluster(), plan(entry("web")), [refused])
        #expect(open.codes == [.flowExpectedRefused])
        #expect(
            result(cluster(registryOnly: true), plan(entry("web")), [refused]).diagnostics == [])
        let never = result(cluster(registryOnly: true), plan(entry("web")))
        #expect(never.codes == [.flowNotCarried])
        #expect(
            never.diagnostics.first?.remedy
                == "meshctl explain --from web/deployment/web --to api.example.com:443")
    }

    @Test("an address that a pod or a Service has means that one")
    func addresses() throws {
        var state = mesh(
            namespace("web"), pod("web/db-0", labels: ["app": "db"]),
            service("web/db", ["app": "db"], port: 5432))
        state.pods[0].ip = "10.244.0.7"
        func server(_ address: String) -> Flow.Server? {
            var plan = plan()
            plan.flows = [FlowEntry(from: .external, to: .host(address, port: 5432))]
            return FlowCatalogue(plan: plan, state: state).flows.first?.server
        }
        #expect(server("10.244.0.7") == .pod(namespace: "web", name: "db-0", port: 5432))
        #expect(server("10.0.0.1") == .service(namespace: "web", name: "db", port: 5432))
        #expect(server("192.0.2.1") == .host("192.0.2.1", port: 5432))
    }
}
