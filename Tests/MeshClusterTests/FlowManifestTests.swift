import Diagnostics
import MeshCluster
import MeshModel
import Testing

@Suite("Reading what decides about flows")
struct FlowManifestTests {
    private func flows(_ text: String) throws -> FlowObjects {
        try ManifestReader.observe(sources: [SourceText(name: "mesh.yaml", text: text)]).state.flows
    }

    @Test("a Service's ports lead to numbers, to names, or to their own number")
    func service() throws {
        let service = try #require(
            flows(
                """
                apiVersion: v1
                kind: Service
                metadata: {name: cart, namespace: shop}
                spec:
                  clusterIP: None
                  selector: {app: cart}
                  publishNotReadyAddresses: true
                  ports:
                    - {name: http, port: 80, targetPort: 8080}
                    - {name: web, port: 81, targetPort: web, appProtocol: http2}
                    - {port: 53, protocol: UDP}
                """
            ).services.first)
        #expect(service.isHeadless && service.publishesNotReady)
        #expect(service.ports.map(\.target) == [.number(8080), .name("web"), .number(53)])
        #expect(service.ports.map(\.transport) == ["TCP", "TCP", "UDP"])
        #expect(service.ports[1].appProtocol == "http2")
        #expect(service.selector == ["app": "cart"])
    }

    @Test("a Service of another API group is another kind")
    func knative() throws {
        #expect(
            try flows("apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}")
                .services.isEmpty)
    }

    @Test("a slice's endpoints are ready unless it says otherwise, and name their pods")
    func slice() throws {
        let slice = try #require(
            flows(
                """
                kind: EndpointSlice
                metadata: {name: c-1, namespace: shop, labels: {kubernetes.io/service-name: cart}}
                endpoints:
                  - {addresses: [10.0.0.1], targetRef: {kind: Pod, name: cart-0}}
                  - {addresses: [10.0.0.2], conditions: {ready: false}}
                ports: [{name: http, port: 8080}]
                """
            ).endpointSlices.first)
        #expect(slice.serviceName == "cart")
        #expect(slice.endpoints.map(\.podName) == ["cart-0", nil])
        #expect(slice.endpoints.map(\.isReady) == [true, false])
        #expect(slice.ports == ["http": 8080])
    }

    @Test("a DestinationRule's port settings are there even where they say nothing about TLS")
    func destinationRule() throws {
        let rule = try #require(
            flows(
                """
                kind: DestinationRule
                metadata: {name: r, namespace: shop}
                spec:
                  host: cart
                  exportTo: ["."]
                  workloadSelector: {matchLabels: {app: web}}
                  trafficPolicy:
                    tls: {mode: ISTIO_MUTUAL}
                    portLevelSettings:
                      - {port: {number: 80}, tls: {mode: DISABLE}}
                      - {port: {number: 81}, loadBalancer: {simple: RANDOM}}
                """
            ).destinationRules.first)
        #expect(rule.trafficPolicy?.tls == .istioMutual)
        #expect(rule.trafficPolicy?.ports == [80: .disable, 81: nil])
        #expect(rule.exportTo == ["."])
        #expect(rule.workloadSelector?.matchLabels == ["app": "web"])
    }

    @Test("the mesh configuration's settings, and istiod's ambient support")
    func settings() throws {
        #expect(try flows("kind: Widget").settings == MeshSettings())
        let settings = try flows(
            """
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data:
              mesh: |
                enableAutoMtls: false
                outboundTrafficPolicy: {mode: REGISTRY_ONLY}
            ---
            kind: Deployment
            metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
            spec:
              template:
                spec:
                  containers: [{name: discovery, env: [{name: PILOT_ENABLE_AMBIENT, value: "false"}]}]
            """
        ).settings
        #expect(
            settings
                == MeshSettings(
                    autoMTLS: false, registryOnly: true, supportsAmbient: false, wasRead: true))
    }

    @Test("a Sidecar's hosts and ports, and a ServiceEntry's endpoints")
    func istioResources() throws {
        let flows = try flows(
            """
            kind: Sidecar
            metadata: {name: default, namespace: shop}
            spec:
              workloadSelector: {labels: {app: web}}
              ingress: [{port: {number: 9080, protocol: HTTP, name: web}}]
              egress: [{hosts: ["./*"]}, {hosts: ["istio-system/*"]}]
              outboundTrafficPolicy: {mode: REGISTRY_ONLY}
            ---
            kind: ServiceEntry
            metadata: {name: se, namespace: shop}
            spec:
              hosts: [foo.bar]
              ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]
              endpoints: [{address: 10.0.0.1, ports: {http: 9090}}]
            """)
        let scope = try #require(flows.sidecarScopes.first)
        #expect(scope.egressHosts == ["./*", "istio-system/*"])
        #expect(scope.ingress.map(\.number) == [9080])
        #expect(scope.registryOnly == true)
        #expect(scope.workloadSelector?.matchLabels == ["app": "web"])
        let entry = try #require(flows.serviceEntries.first)
        let pod = Pod(meta: ObjectMeta(name: "p", namespace: "shop"), ip: "10.0.0.1")
        #expect(entry.port(entry.ports[0], on: pod) == 9090)
    }

    @Test(
        "an object of the wrong shape is a clear error",
        arguments: [
            "kind: Service\nmetadata: {name: x}\nspec: {ports: 5}",
            "kind: Service\nmetadata: {name: x}\nspec: {ports: [{port: 99999999999999999999}]}",
            "kind: DestinationRule\nmetadata: {name: x}\nspec: {host: [a]}",
            "kind: EndpointSlice\nmetadata: {name: x}\nendpoints: {}",
            "kind: Sidecar\nmetadata: {name: x}\nspec: {egress: [{hosts: 1}]}",
        ])
    func wrongShape(text: String) {
        let error = #expect(throws: ManifestReader.ReadError.self) { try flows(text) }
        #expect(error?.diagnostics.first?.message.contains("mesh.yaml: ") == true)
    }
}
