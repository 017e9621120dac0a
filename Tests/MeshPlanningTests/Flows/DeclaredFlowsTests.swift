import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Declared flows")
struct DeclaredFlowsTests {
    private let cart = FlowEntry.Server.service(namespace: "shop", name: "cart", port: 80)

    private var state: MeshState {
        mesh(
            namespace("shop"), service("shop/cart", ["app": "cart"]),
            deployment("shop/web"), controller(.statefulSet, "shop/twin"),
            deployment("shop/twin"), pod("shop/tool"),
            pod("shop/lost-0", owner: OwnerReference(kind: "StatefulSet", name: "lost")),
            pod("shop/made", owner: OwnerReference(kind: "Tunnel", name: "made")))
    }

    private func catalogue(
        _ from: FlowEntry.Client, _ to: FlowEntry.Server, in state: MeshState? = nil
    ) -> FlowCatalogue {
        let plan = plan { $0.flows = [FlowEntry(from: from, to: to)] }
        return FlowCatalogue(plan: plan, state: state ?? self.state)
    }

    private func client(_ text: String) -> String? {
        catalogue(.workload(namespace: "shop", workload: text), cart).flows.first?.client.text
    }

    private func mistake(_ catalogue: FlowCatalogue) -> String? {
        let found = catalogue.diagnostics.first
        return catalogue.flows.isEmpty
            ? found.map { "\($0.code.rawValue): \($0.message). \($0.detail)" } : nil
    }

    @Test("a workload is found by its name, by its kind, and by what its pods say of it")
    func workloads() {
        #expect(client("web") == "shop/deployment/web")
        #expect(client("deployment/web") == "shop/deployment/web")
        #expect(client("statefulset/twin") == "shop/statefulset/twin")
        #expect(client("lost") == "shop/statefulset/lost")
        #expect(client("statefulset/lost") == "shop/statefulset/lost")
    }

    @Test("a name that may be two workloads, or is none, is an error")
    func unclear() {
        let twin = catalogue(.workload(namespace: "shop", workload: "twin"), cart)
        #expect(
            mistake(twin)
                == "unknown-flow-end: workload shop/twin of `flows` may be deployment/twin or "
                + "statefulset/twin. Write the kind as well.")
        let lost = catalogue(.workload(namespace: "shop", workload: "losst"), cart)
        #expect(
            mistake(lost)
                == "unknown-flow-end: workload shop/losst of `flows` is not in the cluster. "
                + "Did you mean lost?")
        #expect(client("made") == nil)
    }

    @Test("pods have to be there, as clients and as servers")
    func pods() {
        #expect(client("pod/tool") == "shop/pod/tool")
        #expect(
            mistake(catalogue(.workload(namespace: "shop", workload: "pod/tol"), cart))
                == "unknown-flow-end: pod shop/tol of `flows` is not in the cluster. "
                + "Did you mean tool?")
        func called(_ name: String) -> FlowCatalogue {
            catalogue(.external, .pod(namespace: "shop", name: name, port: 1))
        }
        #expect(called("tool").flows.map(\.text) == ["external->shop/pod/tool:1"])
        #expect(mistake(called("gone"))?.contains("pod shop/gone of `flows` is not") == true)
    }

    @Test("the full host name of a Service is that Service, and any other host is one outside")
    func hosts() {
        func server(_ host: String, port: Int = 80) -> FlowCatalogue {
            catalogue(.external, .host(host, port: port))
        }
        for host in ["cart.shop.svc.cluster.local", "cart.shop.svc.mesh.internal"] {
            #expect(
                server(host).flows.map(\.server)
                    == [.service(namespace: "shop", name: "cart", port: 80)])
        }
        for host in ["api.example.com", "cart.shop.svc", "a.b.svc.example.com"] {
            #expect(server(host).flows.map(\.server) == [.host(host, port: 80)])
        }
        #expect(mistake(server("crat.shop.svc.cluster.local"))?.contains("mean cart?") == true)
        #expect(
            mistake(server("cart.shop.svc.cluster.local", port: 81))?.contains("It has 80.")
                == true)
    }

    @Test("where Services may not be listed, one is taken to be there")
    func unreadable() {
        var state = state
        state.flows = FlowObjects(unreadable: ["Service"])
        #expect(catalogue(.external, cart, in: state).flows.count == 1)
    }
}
