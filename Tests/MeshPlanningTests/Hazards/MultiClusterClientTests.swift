import Diagnostics
import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Workloads that other clusters can reach")
struct MultiClusterClientTests {
    private static let network = ["topology.istio.io/network": "west"]
    private static let eastWest = service(
        "istio-system/ew", labels: ["istio": "eastwestgateway"])
    private static let ambientEastWest = pod(
        "istio-system/ew",
        labels: ["gateway.networking.k8s.io/gateway-class-name": "istio-east-west"])

    private static func crossNetwork(_ hosts: String...) -> IstioGateway {
        IstioGateway(
            meta: ObjectMeta(name: "cross-network", namespace: "istio-system"),
            selector: ["istio": "eastwestgateway"], passthroughHosts: hosts)
    }

    private func state(
        rootLabels: [String: String] = [:], services: [Service] = [], parts: MeshPart = MeshPart(),
        gateways: [IstioGateway] = [], unreadable: Set<String> = []
    ) -> MeshState {
        var state = mesh(
            namespace("istio-system", labels: rootLabels), namespace("shop", labels: sidecarLabels),
            deployment("shop/cart", labels: injected("cart"), plane: .sidecar), parts
        ).with(services)
        state.flows.istioGateways = gateways
        state.flows.unreadable = unreadable
        return state
    }

    private func found(
        _ state: MeshState, flows: [FlowEntry] = [], ignoring: [IgnoredFlow] = [],
        mtls: MTLSMode = .strict
    ) -> [Diagnostic] {
        told(
            by: MultiClusterClient.self,
            plan(entry("shop", mtls: mtls)) {
                $0.flows = flows
                $0.ignoreFlows = ignoring
            }, on: state)
    }

    private func calls(_ server: FlowEntry.Server) -> FlowEntry {
        FlowEntry(from: .cluster("east"), to: server)
    }

    private let cart = FlowEntry.Server.service(namespace: "shop", name: "cart", port: 80)

    @Test("signs of other clusters that open nothing of the namespace make STRICT doubtful")
    func warns() throws {
        for state in [
            state(rootLabels: Self.network), state(services: [Self.eastWest]),
            state(parts: Self.ambientEastWest), state(gateways: [Self.crossNetwork("*.local")]),
            state(
                services: [Self.eastWest, service("shop/cart")],
                gateways: [Self.crossNetwork("*.pay.svc.cluster.local")]),
            state(services: [service("shop/cart")], parts: Self.ambientEastWest),
        ] {
            let only = try #require(found(state).first)
            #expect(found(state).count == 1)
            #expect(only.code == .multiClusterClient && only.severity == .warning)
            #expect(only.message.hasPrefix("cannot judge"))
            #expect(only.remedy?.contains("cluster: NAME") == true)
            #expect(only.remedy?.contains("namespace: shop") == true)
            #expect(found(state, flows: [calls(cart)]).isEmpty)
        }
    }

    @Test("a Service that an east-west gateway exposes blocks STRICT, with the flow to paste")
    func blocks() throws {
        let global = service("shop/cart", labels: ["istio.io/global": "true"])
        for (state, sign) in [
            (
                state(
                    services: [Self.eastWest, service("shop/cart")],
                    gateways: [Self.crossNetwork("*.local")]),
                "Gateway istio-system/cross-network hands mTLS from other clusters on "
                    + "(AUTO_PASSTHROUGH)"
            ),
            (
                state(services: [global], parts: Self.ambientEastWest),
                "pod istio-system/ew is an east-west gateway, and the label istio.io/global opens"
            ),
            (
                state(
                    services: [Self.eastWest, service("shop/cart")], unreadable: ["Gateway"]),
                "Service istio-system/ew is an east-west gateway, and Gateways that say"
            ),
        ] {
            let found = found(state)
            #expect(found.map(\.code) == [.multiClusterClient])
            #expect(found.map(\.severity) == [.error])
            #expect(
                found.first?.message
                    == "cannot judge whether clients in other clusters still reach shop/cart under STRICT"
            )
            #expect(found.first?.detail.hasPrefix(sign) == true)
            #expect(
                found.first?.remedy == """
                    # under spec:
                    flows:
                      - from: {cluster: NAME}
                        to: {namespace: shop, service: cart, port: 80}
                    """)
        }
    }

    @Test("a flow from a cluster, or one that is ignored, settles the Service that it names alone")
    func settled() throws {
        let exposed = state(
            services: [Self.eastWest, service("shop/cart")],
            gateways: [Self.crossNetwork("*.local")])
        for server: FlowEntry.Server in [
            cart, .host("cart.shop.svc.cluster.local", port: 80),
            .pod(namespace: "shop", name: exposed.pods[0].meta.name, port: 8080),
        ] {
            #expect(found(exposed, flows: [calls(server)]).isEmpty)
        }
        var ignored = IgnoredFlow(reason: "nobody there calls it")
        ignored.to = IgnoredFlow.Endpoint()
        ignored.to?.service = "cart"
        #expect(found(exposed, ignoring: [ignored]).isEmpty)
        ignored.to?.service = "pay"
        #expect(found(exposed, ignoring: [ignored]).count == 1)
        #expect(found(exposed, flows: [FlowEntry(from: .external, to: cart)]).count == 1)
        let two = state(
            services: [
                Self.eastWest, service("shop/cart"),
                service("shop/cart-grpc").selecting("cart"),
            ], gateways: [Self.crossNetwork("*.local")])
        let left = found(two, flows: [calls(cart)])
        #expect(left.first?.message.contains("shop/cart-grpc under STRICT") == true)
        #expect(left.first?.remedy?.contains("service: cart,") == false)
    }

    @Test("the whole plan is blocked, and goes through once the flow is declared")
    func planned() {
        let exposed = state(
            services: [Self.eastWest, service("shop/cart")],
            gateways: [Self.crossNetwork("*.local")])
        func result(_ flows: [FlowEntry]) -> PlannedRollout {
            let plan = plan(entry("shop", mtls: .strict)) { $0.flows = flows }
            return RolloutPlanner.plan(
                plan, on: exposed, flows: FlowCatalogue(plan: plan, state: exposed).flows)
        }
        #expect(result([]).isBlocked)
        #expect(result([calls(cart)]).diagnostics == [])
    }

    @Test("a single cluster, or a mode that stays, is enough")
    func fine() {
        #expect(found(state(services: [service("shop/cart")])).isEmpty)
        #expect(found(state(rootLabels: Self.network), mtls: .permissive).isEmpty)
        let exposed = state(
            services: [Self.eastWest, service("shop/cart")],
            gateways: [Self.crossNetwork("*.local")])
        #expect(found(exposed, mtls: .permissive).isEmpty)
    }
}

extension Service {
    fileprivate func selecting(_ app: String) -> Service {
        var service = self
        service.selector = ["app": app]
        return service
    }
}
