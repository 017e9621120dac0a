import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("The catalogue of flows")
struct FlowCatalogueTests {
    private var shop: MeshState {
        var state = mesh(namespace("shop"), deployment("shop/web", labels: ["app": "web"]))
        state.flows.services = [
            Service(
                meta: ObjectMeta(name: "cart", namespace: "shop"), type: "NodePort",
                ports: [ServicePort(number: 80, nodePort: 30080)])
        ]
        return state
    }

    @Test("a NodePort is a sure flow from outside")
    func nodePort() {
        let flows = FlowCatalogue(plan: plan(), state: shop).flows
        #expect(flows.map(\.text) == ["external->shop/service/cart:80"])
        #expect(flows.map(\.certainty) == [.sure])
        #expect(flows.first?.because == "NodePort 30080 of Service shop/cart")
    }

    @Test("a webhook's Service is called by the API server, unless it is not there")
    func webhook() {
        var state = shop
        state.flows.apiServerCalls = ["cart", "gone"].map {
            APIServerCall(
                purpose: .validatingWebhook, object: "v", namespace: "shop", service: $0, port: 80)
        }
        let texts = FlowCatalogue(plan: plan(), state: state).flows.map(\.text)
        #expect(texts.filter { $0.hasPrefix("apiserver") } == ["apiserver->shop/service/cart:80"])
    }

    @Test("a reference by the full host name with a port is sure, any other doubtful")
    func references() throws {
        for (text, certainty) in [
            ("http://cart.shop.svc.cluster.local:80/x", Flow.Certainty.sure),
            ("http://user:secret@cart", .doubtful), ("cart.shop", .doubtful),
        ] {
            var state = shop
            var scanner = HostReferenceScanner()
            scanner.scan(text, place: "env URL of container web")
            let index = try #require(state.workloads.firstIndex { $0.kind == .deployment })
            state.workloads[index].template.references = scanner.references
            let found = FlowCatalogue(plan: plan(), state: state).flows.filter {
                $0.client != .external
            }
            #expect(found.map(\.certainty) == [certainty], "\(text)")
            #expect(!(found.first?.because.contains("secret") ?? true))
        }
    }

    @Test(
        "a declared flow wins over an inferred one, and one whose Service is not there is an error")
    func declared() {
        let to = FlowEntry.Server.service(namespace: "shop", name: "cart", port: 80)
        let known = plan { $0.flows = [FlowEntry(from: .external, to: to)] }
        #expect(FlowCatalogue(plan: known, state: shop).flows.map(\.origin) == [.declared])
        let slip = plan {
            $0.flows = [
                FlowEntry(
                    from: .workload(namespace: "shop", workload: "wbe"),
                    to: .service(namespace: "shop", name: "crat", port: 80))
            ]
        }
        let found = FlowCatalogue(plan: slip, state: shop).diagnostics
        #expect(found.map(\.detail) == ["Did you mean web?", "Did you mean cart?"])
    }

    @Test("a flow is dismissed by its text or by its server's")
    func ignored() {
        for text in ["external->shop/service/cart:80", "shop/service/cart:80"] {
            let catalogue = FlowCatalogue(plan: plan(), state: shop, ignoring: [text])
            #expect(catalogue.flows.isEmpty && catalogue.ignored.count == 1)
        }
    }
}
