import MeshModel
import MeshPlanning
import TestSupport
import Testing
import Timing

@Suite("Observed flows in the catalogue")
struct ObservedFlowsTests {
    private let web = WorkloadID(namespace: "shop", kind: .deployment, name: "web")
    private let gone = WorkloadID(namespace: "shop", kind: .deployment, name: "gone")
    private let state = mesh(
        namespace("shop"), deployment("shop/web", labels: ["app": "web"]), pod("shop/lone"),
        service("shop/cart", ["app": "web"]))

    private func texts(
        _ client: ObservedFlow.Client, _ server: ObservedFlow.Server, times: Int = 1
    ) -> [String] {
        let seen = ObservedFlow(
            from: client, to: server, security: .plaintext, firstSeen: Timestamp(milliseconds: 0),
            lastSeen: Timestamp(milliseconds: 1), connections: times)
        return FlowCatalogue(plan: plan(), state: state, observed: [seen]).flows
            .filter { $0.origin == .observed }.map { "\($0.text) \($0.because)" }
    }

    @Test("one whose ends are there is a flow, and says how often and how it was seen")
    func present() {
        let cart = ObservedFlow.Server.service(namespace: "shop", name: "cart", port: 80)
        #expect(
            texts(.workload(web), cart) == [
                "shop/deployment/web->shop/service/cart:80 1 connection was seen, in plaintext"
            ])
        #expect(
            texts(.pod(namespace: "shop", name: "lone"), .workload(web, port: 8080), times: 2) == [
                "shop/pod/lone->shop/deployment/web:8080 2 connections were seen, in plaintext"
            ])
        #expect(texts(.address("192.0.2.1"), cart).count == 1)
        #expect(
            texts(.node("node-1"), .pod(namespace: "shop", name: "lone", port: 80)) == [
                "node/node-1->shop/pod/lone:80 1 connection was seen, in plaintext"
            ])
    }

    @Test("one whose client, Service, Service port or workload has gone is dropped")
    func absent() {
        let cart = ObservedFlow.Server.service(namespace: "shop", name: "cart", port: 80)
        #expect(texts(.workload(gone), cart) == [])
        #expect(texts(.pod(namespace: "shop", name: "gone"), cart) == [])
        #expect(texts(.node("gone"), cart) == [])
        #expect(texts(.unknown, cart) == [])
        #expect(texts(.workload(web), .pod(namespace: "shop", name: "gone", port: 80)) == [])
        #expect(texts(.workload(web), .workload(gone, port: 8080)) == [])
        #expect(texts(.workload(web), .service(namespace: "shop", name: "gone", port: 80)) == [])
        #expect(texts(.workload(web), .service(namespace: "shop", name: "cart", port: 81)) == [])
    }
}
