import MeshModel
import Testing

@Suite("What Emissary sends for a Mapping")
struct MappingTransportTests {
    private func mapping(_ service: String, context: String? = nil, tls: Bool = false) -> Mapping {
        Mapping(
            meta: ObjectMeta(name: "m", namespace: "edge"), service: service, tlsContext: context,
            originatesTLS: tls)
    }

    private func context(
        _ name: String = "istio-upstream", secret: String = "istio-certs",
        alpn: [String] = ["istio"], namespace: String = "edge"
    ) -> TLSContext {
        TLSContext(
            meta: ObjectMeta(name: name, namespace: namespace), secret: secret, alpnProtocols: alpn)
    }

    @Test("the mesh's certificate and protocol together make it a client of the mesh")
    func meshTLS() {
        let given = mapping("cart.shop", context: "istio-upstream")
        #expect(MappingTransport.decide(given, contexts: [context()]) == .meshTLS)
        #expect(
            MappingTransport.decide(given, contexts: [context(secret: "istio-certs.ambassador")])
                == .meshTLS)
        #expect(
            MappingTransport.decide(given, contexts: [context(alpn: [])])
                == .meshTLSWithoutProtocol)
        #expect(MappingTransport.decide(given, contexts: [context(secret: "own")]) == .tls)
        #expect(
            MappingTransport.decide(given, contexts: [context("other")])
                == .unknownContext("istio-upstream"))
    }

    @Test("without a context there is TLS only where the Mapping says so")
    func withoutContext() {
        #expect(MappingTransport.decide(mapping("cart.shop"), contexts: []) == .plaintext)
        #expect(MappingTransport.decide(mapping("https://cart.shop"), contexts: []) == .tls)
        #expect(MappingTransport.decide(mapping("cart.shop", tls: true), contexts: []) == .tls)
    }

    @Test("the context of the Mapping's own namespace comes before one of its name elsewhere")
    func ownContextFirst() {
        let contexts = [context(secret: "own", namespace: "a"), context()]
        #expect(
            MappingTransport.decide(mapping("x", context: "istio-upstream"), contexts: contexts)
                == .meshTLS)
    }

    @Test(
        "an address is a name, with or without a namespace, a scheme and a port",
        arguments: [
            ("cart", "edge/cart:80"), ("cart.shop", "shop/cart:80"),
            ("cart.shop:8080", "shop/cart:8080"), ("https://cart.shop", "shop/cart:443"),
            ("http://cart.shop.svc.cluster.local:81", "shop/cart:81"),
        ])
    func targets(service: String, wanted: String) throws {
        let target = try #require(MappingTarget(mapping(service)))
        #expect("\(target.namespace)/\(target.name):\(target.port)" == wanted)
    }

    @Test(
        "what is no Service's address leads nowhere",
        arguments: ["", "a..b", "api.example.com", "cart:0", "cart:99999999999999999999", "a:1:2"])
    func noTargets(service: String) { #expect(MappingTarget(mapping(service)) == nil) }
}
