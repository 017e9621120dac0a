import MeshModel
import MeshPlanning
import TestSupport
import Testing

@Suite("Flows of Ingresses and gateways")
struct EntranceRulesTests {
    private let cart = service("shop/cart", ["app": "cart"])

    private func texts(_ state: MeshState) -> [String] {
        FlowCatalogue(plan: plan(), state: state).flows.map { "\($0.certainty) \($0.text)" }
    }

    private func backend(_ port: ServiceBackend.Port = .number(80)) -> ServiceBackend {
        ServiceBackend(namespace: "shop", name: "cart", port: port)
    }

    private func ingress(
        _ className: String?, _ port: ServiceBackend.Port = .number(80)
    ) -> Ingress {
        Ingress(
            meta: ObjectMeta(name: "web", namespace: "shop"), className: className,
            backends: [backend(port)])
    }

    private func ingressClass(_ name: String, _ controller: String, isDefault: Bool = false)
        -> IngressClass
    {
        IngressClass(
            meta: ObjectMeta(
                name: name,
                annotations: isDefault
                    ? ["ingressclass.kubernetes.io/is-default-class": "true"] : [:]),
            controller: controller)
    }

    private let nginx = deployment(
        "edge/nginx",
        labels: [
            "app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller",
        ])

    @Test("the class's controller is the client, by its IngressClass or by how it is called")
    func controllers() {
        var state = mesh(cart, nginx)
        state.flows.ingresses = [ingress("public")]
        #expect(texts(state) == ["doubtful external->shop/service/cart:80"])
        state.flows.ingressClasses = [ingressClass("public", "k8s.io/ingress-nginx")]
        #expect(texts(state) == ["sure edge/deployment/nginx->shop/service/cart:80"])
        state.flows.ingressClasses = []
        state.flows.ingresses = [ingress("nginx")]
        #expect(texts(state) == ["sure edge/deployment/nginx->shop/service/cart:80"])
    }

    /// Controllers with pods of their own: the class, its IngressClass's controller, labels of the pods that
    /// open the connections, and of others that do not.
    static let inPods: [(String, String, [String: String], [String: String])] = [
        (
            "nginx", "k8s.io/ingress-nginx", named("ingress-nginx", "controller"),
            named("ingress-nginx", "admission-webhook")
        ),
        (
            "nginx", "k8s.io/ingress-nginx", named("rke2-ingress-nginx", "controller"),
            named("rke2-ingress-nginx", "default-backend")
        ),
        (
            "nginx", "k8s.io/ingress-nginx", ["app": "nginx-ingress", "component": "controller"],
            ["app": "nginx-ingress", "component": "default-backend"]
        ),
        ("nginx", "nginx.org/ingress-controller", named("nginx-ingress"), named("nginx")),
        (
            "traefik", "traefik.io/ingress-controller", named("traefik"),
            ["app": "traefik-dashboard"]
        ),
        (
            "traefik", "traefik.io/ingress-controller", ["k8s-app": "traefik-ingress-lb"],
            ["k8s-app": "traefik"]
        ),
        (
            "haproxy", "haproxy.org/ingress-controller/haproxy", named("kubernetes-ingress"),
            named("haproxy")
        ),
        (
            "haproxy", "haproxy.org/ingress-controller", ["run": "haproxy-ingress"],
            ["run": "ingress-default-backend"]
        ),
        (
            "haproxy", "haproxy-ingress.github.io/controller", named("haproxy-ingress"),
            named("haproxy-ingress-default-backend")
        ),
        (
            "kong", "ingress-controllers.konghq.com/kong", named("kong", "app"),
            named("kong", "init-migrations")
        ),
        (
            "kong", "ingress-controllers.konghq.com/kong", named("gateway", "app"),
            named("controller", "app")
        ),
        ("contour", "projectcontour.io/ingress-controller", ["app": "envoy"], ["app": "contour"]),
        (
            "contour", "projectcontour.io/edge/contour", named("contour", "envoy"),
            named("contour", "contour")
        ),
        (
            "istio", "istio.io/ingress-controller", ["istio": "ingressgateway"],
            ["istio": "egressgateway"]
        ),
        (
            "ambassador", "getambassador.io/ingress-controller", ["product": "aes"],
            named("emissary-ingress-agent")
        ),
    ]

    private static func named(_ name: String, _ component: String? = nil) -> [String: String] {
        var labels = ["app.kubernetes.io/name": name]
        labels["app.kubernetes.io/component"] = component
        return labels
    }

    @Test(
        "each controller's proxies are known by its charts' labels, by IngressClass and by class name",
        arguments: inPods)
    func knownControllers(
        className: String, controller: String, labels: [String: String], others: [String: String]
    ) {
        var state = mesh(
            cart, deployment("edge/proxy", labels: labels), deployment("edge/other", labels: others)
        )
        state.flows.ingresses = [ingress(className)]
        let expected = ["sure edge/deployment/proxy->shop/service/cart:80"]
        #expect(texts(state) == expected)
        state.flows.ingresses = [ingress("mine")]
        state.flows.ingressClasses = [ingressClass("mine", controller)]
        #expect(texts(state) == expected)
    }

    @Test(
        "a load balancer outside the cluster, and a proxy on the nodes, surely call without a proxy of the mesh",
        arguments: [
            ("alb", "ingress.k8s.aws/alb"), ("alb", "eks.amazonaws.com/alb"),
            ("azure/application-gateway", "azure/application-gateway"),
            ("azure-alb-external", "alb.networking.azure.io/alb-controller"),
            ("cilium", "cilium.io/ingress-controller"), ("gce", nil), ("gce-internal", nil),
        ])
    func outside(className: String, controller: String?) {
        var state = mesh(cart, nginx)
        state.flows.ingresses = [ingress(className)]
        let expected = ["sure external->shop/service/cart:80"]
        #expect(texts(state) == expected)
        guard let controller else { return }
        state.flows.ingresses = [ingress("mine")]
        state.flows.ingressClasses = [ingressClass("mine", controller)]
        #expect(texts(state) == expected)
    }

    @Test("a class name that two controllers take is both their pods'")
    func sharedClassName() {
        var state = mesh(
            cart, nginx, deployment("edge/inc", labels: ["app.kubernetes.io/name": "nginx-ingress"])
        )
        state.flows.ingresses = [ingress("nginx")]
        #expect(
            texts(state) == [
                "sure edge/deployment/inc->shop/service/cart:80",
                "sure edge/deployment/nginx->shop/service/cart:80",
            ])
        state.flows.ingressClasses = [ingressClass("nginx", "nginx.org/ingress-controller")]
        #expect(texts(state) == ["sure edge/deployment/inc->shop/service/cart:80"])
    }

    @Test("the default backend of a controller is not the controller")
    func otherComponent() {
        var state = mesh(
            cart,
            deployment(
                "edge/backend",
                labels: [
                    "app.kubernetes.io/name": "ingress-nginx",
                    "app.kubernetes.io/component": "default-backend",
                ]))
        state.flows.ingresses = [ingress("nginx")]
        #expect(texts(state) == ["doubtful external->shop/service/cart:80"])
    }

    @Test("without a class it is the cluster's default one; an unknown controller is doubtful")
    func classes() {
        var state = mesh(cart, nginx)
        state.flows.ingresses = [ingress(nil)]
        state.flows.ingressClasses = [
            ingressClass("other", "example.com/x"),
            ingressClass("nginx", "k8s.io/ingress-nginx", isDefault: true),
        ]
        #expect(texts(state) == ["sure edge/deployment/nginx->shop/service/cart:80"])
        state.flows.ingresses = [ingress("other")]
        #expect(texts(state) == ["doubtful external->shop/service/cart:80"])
    }

    @Test(
        "a backend's port has a number, a name, or is the only one; one that is not there leads nowhere"
    )
    func ports() {
        var state = mesh(service("shop/cart", ["app": "cart"], name: "http"), nginx)
        for (port, count) in [
            (ServiceBackend.Port.number(80), 1), (.name("http"), 1), (.only, 1), (.number(81), 0),
            (.name("grpc"), 0),
        ] {
            state.flows.ingresses = [ingress("nginx", port)]
            #expect(texts(state).count == count, "\(port)")
        }
        state.flows.services[0].ports.append(ServicePort(name: "b", number: 90))
        state.flows.ingresses = [ingress("nginx", .only)]
        #expect(texts(state).isEmpty)
    }

    @Test("the Cloudflare operator's class is the tunnel's that its parameters name")
    func tunnels() {
        let label = ["cloudflare-operator.io/app": "cloudflared"]
        var state = mesh(
            cart, deployment("ops/one", labels: label), deployment("ops/two", labels: label))
        // As the operator's Tunnel owns it.
        for place in state.workloads.indices where state.workloads[place].kind == .deployment {
            state.workloads[place].owner = OwnerReference(kind: "Tunnel", name: "t")
        }
        state.flows.tunnelClasses = ["one", "two"].map {
            TunnelClass(
                meta: ObjectMeta(name: "to-\($0)", namespace: "ops"), tunnelKind: "ClusterTunnel",
                tunnelName: $0)
        }
        var entry = ingressClass("tunnel", TunnelFlows.controller)
        entry.parameters = IngressClass.Parameters(name: "to-two", namespace: "ops")
        state.flows.ingressClasses = [entry]
        state.flows.ingresses = [ingress("tunnel")]
        let flows = FlowCatalogue(plan: plan(), state: state).flows
        #expect(flows.map(\.text) == ["ops/deployment/two->shop/service/cart:80"])
        #expect(flows.map(\.origin) == [.inferred(.tunnel)])
    }

    private func route(_ parents: [GatewayRoute.Parent]) -> GatewayRoute {
        GatewayRoute(
            kind: .http, meta: ObjectMeta(name: "r", namespace: "shop"), parents: parents,
            backends: [backend()])
    }

    @Test(
        "a Gateway's pods bear its name; without them a route is doubtful, without a Gateway no flow"
    )
    func gatewayAPI() {
        let pods = deployment(
            "edge/public-istio", labels: ["gateway.networking.k8s.io/gateway-name": "public"])
        let parent = GatewayRoute.Parent(namespace: "edge", name: "public")
        var state = mesh(cart, pods)
        state.flows.gatewayRoutes = [route([parent])]
        #expect(texts(state) == ["sure edge/deployment/public-istio->shop/service/cart:80"])
        state.flows.gatewayRoutes = [route([GatewayRoute.Parent(namespace: "b", name: "public")])]
        #expect(texts(state) == ["doubtful external->shop/service/cart:80"])
        state.flows.gatewayRoutes = [route([])]
        #expect(texts(state).isEmpty)
    }

    @Test("a Gateway with the address of a Service is served by the pods behind it")
    func manualDeployment() {
        var state = mesh(
            cart, service("edge/gw", ["app": "gw"]), deployment("edge/gw", labels: ["app": "gw"]),
            deployment("other/gw", labels: ["app": "gw"]))
        state.flows.routeGateways = [
            RouteGateway(
                meta: ObjectMeta(name: "public", namespace: "edge"), className: "istio",
                hostnames: ["gw.edge.svc.cluster.local"])
        ]
        state.flows.gatewayRoutes = [
            route([GatewayRoute.Parent(namespace: "edge", name: "public")])
        ]
        #expect(texts(state) == ["sure edge/deployment/gw->shop/service/cart:80"])
    }

    @Test(
        "a VirtualService's destinations are called by the pods of its Istio Gateways, not for mesh"
    )
    func virtualServices() {
        var state = mesh(
            cart, deployment("istio-ingress/gw", labels: ["istio": "ingress", "x": "y"]))
        state.flows.istioGateways = [
            IstioGateway(
                meta: ObjectMeta(name: "public", namespace: "shop"),
                selector: ["istio": "ingress"])
        ]
        func rule(_ gateway: String, _ host: String = "cart") -> VirtualService {
            VirtualService(
                meta: ObjectMeta(name: "v", namespace: "shop"), gateways: [gateway],
                destinations: [VirtualService.Destination(host: host)])
        }
        let sure = ["sure istio-ingress/deployment/gw->shop/service/cart:80"]
        for gateway in ["public", "shop/public", "./public", "public.shop.svc.cluster.local"] {
            state.flows.virtualServices = [rule(gateway)]
            #expect(texts(state) == sure, "\(gateway)")
        }
        state.flows.virtualServices = [rule("public", "cart.shop.svc.cluster.local")]
        #expect(texts(state) == sure)
        state.flows.virtualServices = [rule("mesh"), rule("public", "cart.shop")]
        #expect(texts(state).isEmpty)
        state.flows.virtualServices = [rule("gone")]
        #expect(texts(state) == ["doubtful external->shop/service/cart:80"])
    }

    @Test("Mappings are among the flows of the catalogue")
    func mappings() {
        var state = mesh(cart)
        state.flows.mappings = [
            Mapping(meta: ObjectMeta(name: "m", namespace: "edge"), service: "cart.shop")
        ]
        #expect(
            FlowCatalogue(plan: plan(), state: state).flows.map(\.origin) == [.inferred(.mapping)])
    }
}
