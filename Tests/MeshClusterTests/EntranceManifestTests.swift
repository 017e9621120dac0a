import Diagnostics
import MeshCluster
import MeshModel
import Testing

@Suite("Reading whom Ingresses, routes and the API server call")
struct EntranceManifestTests {
    private func flows(_ text: String) throws -> FlowObjects {
        try ManifestReader.observe(sources: [SourceText(name: "mesh.yaml", text: text)]).state.flows
    }

    private func backend(
        _ name: String, _ port: ServiceBackend.Port, _ namespace: String = "shop"
    ) -> ServiceBackend {
        ServiceBackend(namespace: namespace, name: name, port: port)
    }

    @Test("an Ingress leads to its default backend and to that of each path")
    func ingress() throws {
        let found = try #require(
            flows(
                """
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: web, namespace: shop}
                spec:
                  ingressClassName: nginx
                  defaultBackend: {service: {name: a, port: {number: 80}}}
                  rules:
                    - host: example.com
                      http:
                        paths:
                          - {path: /, backend: {service: {name: b, port: {name: http}}}}
                          - {path: /c, backend: {service: {name: c}}}
                          - path: /d
                            backend: {resource: {kind: StorageBucket, name: d}}
                    - host: nothing.example.com
                """
            ).ingresses.first)
        #expect(found.className == "nginx")
        #expect(
            found.backends
                == [
                    backend("a", .number(80)), backend("b", .name("http")), backend("c", .only),
                ])
    }

    @Test("an Ingress's class may be the old annotation's, which the field beats")
    func className() throws {
        func name(_ spec: String) throws -> String? {
            try flows(
                """
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: web, annotations: {kubernetes.io/ingress.class: old}}
                spec: \(spec)
                """
            ).ingresses.first?.className
        }
        #expect(try name("{}") == "old")
        #expect(try name("{ingressClassName: new}") == "new")
    }

    @Test("an IngressClass has a controller, perhaps parameters, and may be the default")
    func classes() throws {
        let found = try flows(
            """
            apiVersion: networking.k8s.io/v1
            kind: IngressClass
            metadata:
              name: nginx
              annotations: {ingressclass.kubernetes.io/is-default-class: "true"}
            spec: {controller: k8s.io/ingress-nginx}
            ---
            apiVersion: networking.k8s.io/v1
            kind: IngressClass
            metadata: {name: tunnel}
            spec:
              controller: cloudflare-operator.io/ingress-controller
              parameters: {kind: TunnelIngressClassConfig, name: default, namespace: ops}
            """
        ).ingressClasses
        #expect(found.map(\.isDefault) == [true, false])
        #expect(found.first?.controller == "k8s.io/ingress-nginx")
        #expect(
            found.map(\.parameters)
                == [nil, IngressClass.Parameters(name: "default", namespace: "ops")])
    }

    @Test("an Ingress of another type of field is an error that names it, not a crash")
    func hostile() {
        #expect {
            try flows(
                """
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: web}
                spec: {rules: {a: b}}
                """)
        } throws: {
            "\($0)".contains("Ingress web") && "\($0)".contains("rules")
        }
    }

    @Test("a route has its Gateways as parents, and its Services and mirrors as backends")
    func routes() throws {
        let found = try #require(
            flows(
                """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: r, namespace: shop}
                spec:
                  parentRefs:
                    - {name: near}
                    - {name: far, namespace: edge}
                    - {group: "", kind: Service, name: cart}
                  rules:
                    - backendRefs:
                        - {name: cart, port: 80}
                        - {name: other, namespace: b, port: 81}
                        - {group: example.com, kind: Bucket, name: x}
                      filters:
                        - requestMirror: {backendRef: {name: shadow, port: 82}}
                """
            ).gatewayRoutes.first)
        #expect(found.kind == .http)
        #expect(
            found.parents
                == [
                    GatewayRoute.Parent(namespace: "shop", name: "near"),
                    GatewayRoute.Parent(namespace: "edge", name: "far"),
                ])
        #expect(
            found.backends
                == [
                    backend("cart", .number(80)), backend("other", .number(81), "b"),
                    backend("shadow", .number(82)),
                ])
    }

    @Test("the Gateways of the Gateway API and of Istio are told apart by their group")
    func gateways() throws {
        let found = try flows(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: a, namespace: edge}
            spec:
              gatewayClassName: istio
              addresses:
                - {type: Hostname, value: gw.edge.svc.cluster.local}
                - {type: IPAddress, value: 10.0.0.1}
            ---
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: b, namespace: edge}
            spec:
              selector: {istio: ingress}
              servers:
                - {hosts: ["*.local"], tls: {mode: AUTO_PASSTHROUGH}}
                - {hosts: [shop/shop.example.com], tls: {mode: AUTO_PASSTHROUGH}}
                - {hosts: [www.example.com], tls: {mode: SIMPLE}}
            """)
        #expect(found.routeGateways.map(\.className) == ["istio"])
        #expect(found.routeGateways.map(\.hostnames) == [["gw.edge.svc.cluster.local"]])
        #expect(found.istioGateways.map(\.selector) == [["istio": "ingress"]])
        #expect(found.istioGateways.map(\.passthroughHosts) == [["*.local", "shop.example.com"]])
    }

    @Test(
        "a VirtualService's destinations are those of all protocols, and mirrors; alone it is for mesh"
    )
    func virtualServices() throws {
        let found = try flows(
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: a, namespace: shop}
            spec:
              gateways: [edge/public, mesh]
              http:
                - route: [{destination: {host: cart, port: {number: 80}}}]
                  mirror: {host: shadow}
              tls: [{route: [{destination: {host: vault}}]}]
              tcp: [{route: [{destination: {host: db.shop.svc.cluster.local}}]}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: b, namespace: shop}
            spec: {hosts: [cart]}
            """
        ).virtualServices
        #expect(found.map(\.gateways) == [["edge/public", "mesh"], ["mesh"]])
        #expect(
            found.first?.destinations.map(\.host)
                == ["cart", "shadow", "vault", "db.shop.svc.cluster.local"])
        #expect(found.first?.destinations.map(\.port) == [80, nil, nil, nil])
    }

    @Test("the API server calls the Services of webhooks and APIServices, at 443 unless said")
    func apiServer() throws {
        let found = try flows(
            """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata: {name: v}
            webhooks:
              - {name: one.example.com, clientConfig: {service: {name: hook, namespace: shop}}}
              - {name: two.example.com, clientConfig: {url: "https://example.com"}}
            ---
            apiVersion: admissionregistration.k8s.io/v1
            kind: MutatingWebhookConfiguration
            metadata: {name: m}
            webhooks:
              - name: three.example.com
                clientConfig: {service: {name: hook, namespace: shop, port: 9443}}
            ---
            apiVersion: apiregistration.k8s.io/v1
            kind: APIService
            metadata: {name: v1beta1.metrics.k8s.io}
            spec: {service: {name: metrics-server, namespace: kube-system, port: 444}}
            ---
            apiVersion: apiregistration.k8s.io/v1
            kind: APIService
            metadata: {name: v1.apps}
            spec: {group: apps}
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: carts.example.com}
            spec:
              conversion:
                strategy: Webhook
                webhook: {clientConfig: {service: {name: convert, namespace: shop}}}
            """
        ).apiServerCalls
        let texts = Set(
            found.map {
                "\($0.purpose.rawValue) \($0.object) \($0.webhook) \($0.namespace)/\($0.service):\($0.port)"
            })
        #expect(
            texts == [
                "ValidatingWebhookConfiguration v one.example.com shop/hook:443",
                "MutatingWebhookConfiguration m three.example.com shop/hook:9443",
                "APIService v1beta1.metrics.k8s.io  kube-system/metrics-server:444",
                "CustomResourceDefinition carts.example.com  shop/convert:443",
            ])
        #expect(found.count == 4)
    }
}
