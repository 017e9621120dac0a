import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Ignored flows")
struct FlowDismissalsTests {
    /// `web` and `job` name the Service `cart`, which is also a NodePort.
    private var shop: MeshState {
        var state = mesh(
            namespace("shop"), service("shop/cart", ["app": "cart"], type: "NodePort"),
            deployment("shop/cart", labels: ["app": "cart"]),
            deployment("shop/web", labels: ["app": "web"]),
            service("shop/web", ["app": "web"]), deployment("edge/web"))
        for place in state.workloads.indices where state.workloads[place].meta.name == "web" {
            state.workloads[place].template.references = [
                HostReference(
                    form: .full, service: "cart", namespace: "shop", port: 80, place: "env A")
            ]
        }
        return state
    }

    private let all = ["edge/deployment/web", "external", "shop/deployment/web"]

    private func kept(
        _ flows: [FlowEntry] = [], _ configure: (inout IgnoredFlow) -> Void
    ) -> [String] {
        var ignored = IgnoredFlow(reason: "nobody calls it")
        configure(&ignored)
        let plan = plan {
            $0.ignoreFlows = [ignored]
            $0.flows = flows
        }
        return FlowCatalogue(plan: plan, state: shop).flows.map(\.client.text)
    }

    private func end(_ configure: (inout IgnoredFlow.Endpoint) -> Void) -> IgnoredFlow.Endpoint {
        var end = IgnoredFlow.Endpoint()
        configure(&end)
        return end
    }

    @Test("what is given must match, of the server")
    func servers() {
        #expect(FlowCatalogue(plan: plan(), state: shop).flows.map(\.client.text) == all)
        let matching: [(inout IgnoredFlow.Endpoint) -> Void] = [
            { $0.namespace = "shop" }, { $0.service = "cart" }, { $0.port = 80 },
            { $0.workload = "cart" }, { $0.workload = "deployment/cart" },
            {
                $0.namespace = "shop"; $0.service = "cart"; $0.port = 80; $0.workload = "cart"
            },
        ]
        for configure in matching {
            #expect(kept { $0.to = end(configure) }.isEmpty)
        }
        let others: [(inout IgnoredFlow.Endpoint) -> Void] = [
            { $0.namespace = "edge" }, { $0.service = "web" }, { $0.port = 8080 },
            { $0.workload = "statefulset/cart" },
            {
                $0.service = "cart"; $0.port = 81
            },
            {
                $0.service = "cart"; $0.workload = "web"
            },
        ]
        for configure in others {
            #expect(kept { $0.to = end(configure) } == all)
        }
    }

    @Test("what is given must match, of the client, and both ends together")
    func clients() {
        #expect(kept { $0.from = end { $0.workload = "web" } } == ["external"])
        #expect(kept { $0.from = end { $0.namespace = "edge" } } == Array(all.dropFirst()))
        #expect(kept { $0.from = end { $0.service = "web" } } == Array(all.prefix(2)))
        #expect(kept { $0.from = end { $0.port = 80 } } == all)
        let both = kept {
            $0.from = end { $0.namespace = "edge" }
            $0.to = end { $0.port = 81 }
        }
        #expect(both == all)
    }

    @Test("a dismissed flow is told with its reason, and a declared one stays")
    func reasons() {
        var ignored = IgnoredFlow(reason: "nobody calls it")
        ignored.to = end { $0.service = "cart" }
        let catalogue = FlowCatalogue(plan: plan { $0.ignoreFlows = [ignored] }, state: shop)
        #expect(catalogue.ignored.map(\.reason) == Array(repeating: "nobody calls it", count: 3))
        let declared = FlowEntry(
            from: .external, to: .service(namespace: "shop", name: "cart", port: 80))
        #expect(kept([declared]) { $0.to = ignored.to } == ["external"])
    }
}
