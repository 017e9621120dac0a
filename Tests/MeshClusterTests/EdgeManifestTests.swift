import Diagnostics
import MeshCluster
import MeshModel
import Testing

@Suite("Reading what stands between the world and the mesh")
struct EdgeManifestTests {
    private func flows(_ text: String) throws -> FlowObjects {
        try ManifestReader.observe(sources: [SourceText(name: "mesh.yaml", text: text)]).state.flows
    }

    @Test("a Mapping names a TLSContext, or says only that there is TLS")
    func mappings() throws {
        let flows = try flows(
            """
            apiVersion: getambassador.io/v3alpha1
            kind: Mapping
            metadata: {name: a, namespace: edge}
            spec: {hostname: "*", prefix: /, service: cart.shop:80, tls: istio-upstream}
            ---
            apiVersion: getambassador.io/v2
            kind: Mapping
            metadata: {name: b}
            spec: {service: "https://cart.shop", tls: true}
            ---
            apiVersion: getambassador.io/v3alpha1
            kind: TCPMapping
            metadata: {name: c, namespace: edge}
            spec: {port: 2222, service: "git.shop:22"}
            ---
            apiVersion: example.com/v1
            kind: Mapping
            metadata: {name: d}
            spec: {service: 7}
            ---
            apiVersion: getambassador.io/v3alpha1
            kind: TLSContext
            metadata: {name: istio-upstream, namespace: edge}
            spec: {secret: istio-certs, secret_namespacing: false, alpn_protocols: "istio, h2"}
            """)
        #expect(flows.mappings.map(\.meta.name) == ["a", "b", "c"])
        #expect(flows.mappings.map(\.tlsContext) == ["istio-upstream", nil, nil])
        #expect(flows.mappings.map(\.originatesTLS) == [false, true, false])
        #expect(flows.mappings.map(\.listensOn) == [nil, nil, 2222])
        #expect(flows.tlsContexts.map(\.alpnProtocols) == [["istio", "h2"]])
        #expect(flows.tlsContexts.map(\.secret) == ["istio-certs"])
    }

    @Test("a tunnel's class has its tunnel and its protocol")
    func tunnels() throws {
        let found = try #require(
            flows(
                """
                apiVersion: networking.cloudflare-operator.io/v1alpha2
                kind: TunnelIngressClassConfig
                metadata: {name: default, namespace: cloudflare-operator-system}
                spec:
                  tunnelRef: {kind: ClusterTunnel, name: production}
                  defaultProtocol: https
                """
            ).tunnelClasses.first)
        #expect(found.tunnelKind == "ClusterTunnel" && found.tunnelName == "production")
        #expect(found.defaultProtocol == "https" && found.tunnelNamespace == nil)
    }

    @Test("a DestinationRule may pass connections through")
    func passthrough() throws {
        let rule = try #require(
            flows(
                """
                kind: DestinationRule
                metadata: {name: r, namespace: istio-system}
                spec: {host: "*", trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}}
                """
            ).destinationRules.first)
        #expect(rule.trafficPolicy?.isPassthrough == true && rule.trafficPolicy?.tls == nil)
    }
}
