import Diagnostics
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

    private func unmatched(
        _ flows: [FlowEntry] = [], ignoring texts: [String] = [],
        _ items: (inout IgnoredFlow) -> Void...
    ) -> [Diagnostic] {
        let plan = plan {
            $0.ignoreFlows = items.map { configure in
                var ignored = IgnoredFlow(reason: "nobody calls it")
                configure(&ignored)
                return ignored
            }
            $0.flows = flows
        }
        return FlowCatalogue(plan: plan, state: shop, ignoring: texts).diagnostics
    }

    @Test("an item that matches no flow is told, with the name that was meant")
    func unmatchedItems() {
        let cases: [((inout IgnoredFlow) -> Void, String, String)] = [
            (
                { $0.to = end { $0.service = "cartt" } }, "to service cartt",
                "There is no Service cartt. Did you mean cart?"
            ),
            (
                {
                    $0.to = end {
                        $0.namespace = "shopp"; $0.port = 80
                    }
                },
                "to namespace shopp, port 80",
                "There is no namespace shopp. Did you mean shop?"
            ),
            (
                { $0.from = end { $0.workload = "deployment/wep" } },
                "from workload deployment/wep",
                "There is no workload wep. Did you mean web?"
            ),
            ({ $0.from = end { $0.port = 80 } }, "from port 80", "No client has a port."),
            (
                {
                    $0.from = end { $0.workload = "cart" }
                    $0.to = end { $0.service = "cart" }
                }, "from workload cart to service cart",
                "No such traffic is declared, observed or concluded from the cluster. Take the item "
                    + "out if it has gone."
            ),
        ]
        for (configure, ends, detail) in cases {
            let found = unmatched([], configure)
            #expect(found.map(\.code) == [.unmatchedFlow])
            #expect(found.map(\.severity) == [.warning])
            #expect(found.map(\.message) == ["`ignoreFlows` \(ends) matches no flow"])
            #expect(found.map(\.detail) == [detail])
        }
        #expect(unmatched([], { $0.to = end { $0.service = "cart" } }).isEmpty)
    }

    @Test(
        "an item that another one stands before is not unmatched; one for declared flows alone is")
    func shadowedItems() {
        let broad: (inout IgnoredFlow) -> Void = { $0.to = end { $0.namespace = "shop" } }
        let narrow: (inout IgnoredFlow) -> Void = { $0.to = end { $0.service = "cart" } }
        #expect(unmatched([], broad, narrow).isEmpty)
        let declared = FlowEntry(
            from: .external, to: .service(namespace: "shop", name: "web", port: 80))
        let found = unmatched([declared], { $0.to = end { $0.service = "web" } })
        #expect(
            found.map(\.detail) == [
                "It would match external->shop/service/web:80, which `flows` of the same file "
                    + "declares: what is declared stays. Take one of the two out."
            ])
    }

    @Test("a text that names no flow is told with the nearest one; a server's text names its flows")
    func unmatchedTexts() {
        #expect(
            unmatched(ignoring: ["external->shop/service/cart:80", "shop/service/cart:80"]).isEmpty)
        for (text, meant) in [
            ("externl->shop/service/cart:80", "external->shop/service/cart:80"),
            (
                "edge/deployment/web->shop/service/carts:80",
                "edge/deployment/web->shop/service/cart:80"
            ),
            ("shop/service/cart:8", "shop/service/cart:80"),
        ] {
            let found = unmatched(ignoring: [text])
            #expect(found.map(\.message) == ["--ignore-flow \(text) matches no flow"])
            #expect(found.map(\.detail) == ["Did you mean '\(meant)'?"])
        }
        let lost = unmatched(ignoring: ["x"])
        #expect(lost.first?.detail.contains("CLIENT->SERVER:PORT") == true)
    }

    @Test("an accepted break of a flow that is not known is told; a server alone does not accept")
    func unmatchedAcceptance() {
        let flows = FlowCatalogue(plan: plan(), state: shop).flows
        func found(_ text: String) -> [Diagnostic] {
            RolloutPlanner.plan(plan(), on: shop, flows: flows, options: .init(accepted: [text]))
                .diagnostics.filter { $0.code == .unmatchedFlow }
        }
        #expect(found("external->shop/service/cart:80").isEmpty)
        let server = found("shop/service/cart:80")
        #expect(
            server.map(\.message) == [
                "--accept-breaking shop/service/cart:80 matches no flow"
            ])
        #expect(
            server.map(\.detail) == ["Did you mean 'edge/deployment/web->shop/service/cart:80'?"])
    }
}
