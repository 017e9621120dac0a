import Diagnostics
import MeshCluster
import MeshModel
import Testing

@Suite("Reading entrances and references through the API")
struct ObservedEntrancesTests {
    /// Items of lists have no kind, as the API server leaves it out.
    private let lists = [
        "/api/v1/namespaces": #"[{"metadata": {"name": "shop"}}]"#,
        "/api/v1/services":
            #"[{"metadata": {"name": "cart", "namespace": "shop"}, "spec": {"ports": [{"port": 80}]}}]"#,
        "/apis/networking.k8s.io/v1/ingresses": #"""
        [{"metadata": {"name": "web", "namespace": "shop"}, "spec": {"rules": [{"http": {"paths":
          [{"backend": {"service": {"name": "cart", "port": {"number": 80}}}}]}}]}}]
        """#,
        "/apis/networking.k8s.io/v1/ingressclasses":
            #"[{"metadata": {"name": "nginx"}, "spec": {"controller": "k8s.io/ingress-nginx"}}]"#,
        "/apis/gateway.networking.k8s.io/v1beta1/httproutes": #"""
        [{"metadata": {"name": "r", "namespace": "shop"},
          "spec": {"parentRefs": [{"name": "g"}], "rules": [{"backendRefs": [{"name": "cart", "port": 80}]}]}}]
        """#,
        "/apis/gateway.networking.k8s.io/v1/grpcroutes":
            #"[{"metadata": {"name": "q", "namespace": "shop"}}]"#,
        "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations": #"""
        [{"metadata": {"name": "m"}, "webhooks": [{"name": "a",
          "clientConfig": {"service": {"name": "cart", "namespace": "shop", "port": 80}}}]}]
        """#,
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations": #"""
        [{"metadata": {"name": "v"}, "webhooks": [{"name": "b",
          "clientConfig": {"service": {"name": "cart", "namespace": "shop"}}}]}]
        """#,
        "/apis/apiregistration.k8s.io/v1/apiservices": #"""
        [{"metadata": {"name": "v1.apps"}, "spec": {}},
         {"metadata": {"name": "s"}, "spec": {"service": {"name": "cart", "namespace": "shop"}}}]
        """#,
        "/apis/apps/v1/deployments": #"""
        [{"metadata": {"name": "web", "namespace": "shop"}, "spec": {"template": {"spec":
          {"containers": [{"name": "web",
            "env": [{"name": "CART", "value": "http://u:hunter2@cart.shop.svc/x"}]}]}}}}]
        """#,
        "/api/v1/pods": #"""
        [{"metadata": {"name": "web-1", "namespace": "shop", "ownerReferences":
            [{"kind": "ReplicaSet", "name": "web", "controller": true}]},
          "spec": {"containers": [{"name": "a", "args": ["cart:80"]}]}, "status": {"phase": "Running"}},
         {"metadata": {"name": "bare", "namespace": "shop"},
          "spec": {"containers": [{"name": "a", "args": ["cart:80", "pw.hunter2"]}]},
          "status": {"phase": "Running"}}]
        """#,
    ]

    @Test("Ingresses, routes in the version that is served, webhooks and APIServices are read")
    func entrances() async throws {
        let flows = try await ClusterObserver(ListedCluster(lists).client()).observe().state.flows
        let cart = ServiceBackend(namespace: "shop", name: "cart", port: .number(80))
        #expect(flows.ingresses.map(\.backends) == [[cart]])
        #expect(flows.ingressClasses.map(\.controller) == ["k8s.io/ingress-nginx"])
        #expect(flows.gatewayRoutes.map(\.meta.name).sorted() == ["q", "r"])
        #expect(flows.gatewayRoutes.first { $0.kind == .http }?.backends == [cart])
        let calls = flows.apiServerCalls.map { "\($0.purpose.rawValue) \($0.webhook):\($0.port)" }
        #expect(
            calls.sorted() == [
                "APIService :443", "MutatingWebhookConfiguration a:80",
                "ValidatingWebhookConfiguration b:443",
            ])
        #expect(flows.unreadable.isEmpty)
    }

    @Test("references are a template's and a bare pod's, without what stands around them")
    func references() async throws {
        let state = try await ClusterObserver(ListedCluster(lists).client()).observe().state
        #expect(
            state.workloads.first?.template.references.map(\.text) == ["cart.shop.svc:80"])
        let pods = Dictionary(
            state.pods.map { ($0.meta.name, $0.references.map(\.text)) },
            uniquingKeysWith: { first, _ in first })
        #expect(pods == ["web-1": [], "bare": ["cart:80"]])
        #expect(!"\(state)".contains("hunter2"))
    }

    @Test("a list that may not be read is told, and known as such")
    func forbidden() async throws {
        let cluster = ListedCluster(
            lists, forbidden: ["/apis/networking.k8s.io/v1/ingresses"])
        let found = try await ClusterObserver(cluster.client()).observe()
        #expect(found.state.flows.unreadable == ["Ingress"])
        #expect(found.state.flows.ingresses.isEmpty)
        let messages = found.diagnostics.filter { $0.code == .cannotJudge }.map(\.message)
        #expect(
            messages.contains {
                $0.contains("ingresses") && $0.contains("from outside is not known")
            })
    }
}
