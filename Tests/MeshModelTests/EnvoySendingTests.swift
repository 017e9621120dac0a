import MeshModel
import Testing

/// istio `pilot/pkg/networking/core/cluster_tls_test.go:TestBuildAutoMtlsSettings`,
/// `pilot/pkg/model/push_context_test.go:TestBestEffortInferServiceMTLSMode`.
@Suite("What an Envoy sends")
struct EnvoySendingTests {
    private func sending(
        _ rule: DestinationRule.TLSMode? = nil, fallback: DestinationRule.TLSMode? = nil,
        namespaceMode: MTLSMode? = nil, settings: MeshSettings = MeshSettings()
    ) -> EnvoySending {
        let service = "svc.shop.svc.cluster.local"
        let policy = DestinationRule.TrafficPolicy(
            tls: fallback ?? rule, ports: fallback == nil ? [:] : [80: rule])
        let rules = DestinationRuleIndex(
            rule == nil && fallback == nil
                ? []
                : [
                    DestinationRule(
                        meta: ObjectMeta(name: "r", namespace: "shop"), host: service,
                        trafficPolicy: policy)
                ], rootNamespace: "root")
        return EnvoySending(
            rule: rules.tls(
                forPort: 80, ofHost: service, in: "shop",
                client: .init(namespace: "web", labels: [:])),
            namespaceMode: namespaceMode, settings: settings)
    }

    private let injected = EnvoySending.Endpoint(
        takesLegacyMTLS: true, takesHBONE: false, mode: .strict)
    private let plain = EnvoySending.Endpoint(
        takesLegacyMTLS: false, takesHBONE: false, mode: .strict)
    private let ambient = EnvoySending.Endpoint(
        takesLegacyMTLS: false, takesHBONE: true, mode: .strict)
    private let both = EnvoySending.Endpoint(
        takesLegacyMTLS: true, takesHBONE: true, mode: .strict)

    @Test(
        "the cluster's TLS: a rule's, else automatic, unless that is off or the server disables it")
    func cluster() {
        let off = MeshSettings(autoMTLS: false)
        #expect(sending(.istioMutual, settings: off).cluster == .given(.istioMutual))
        #expect(sending(.simple, settings: off).cluster == .given(.simple))
        #expect(sending(namespaceMode: .strict).cluster == .automatic)
        #expect(sending(namespaceMode: .disable).cluster == .none(.namespaceDisable))
        #expect(sending(namespaceMode: .disable, settings: off).cluster == .none(.autoMTLSOff))
        // Without any policy the service counts as PERMISSIVE.
        #expect(sending().cluster == .automatic)
    }

    @Test("automatic mTLS chooses for each endpoint: a migration has both kinds at once")
    func endpoints() {
        let automatic = sending()
        #expect(automatic.toEndpoint(injected) == (.mtls, .autoMTLS))
        #expect(automatic.toEndpoint(plain) == (.plaintext, .serverWithoutSidecar))
        #expect(automatic.toEndpoint(ambient) == (.hbone, .serverTakesHBONE))
        #expect(automatic.toEndpoint(both) == (.mtls, .autoMTLS))
        var disabled = injected
        disabled.mode = .disable
        #expect(automatic.toEndpoint(disabled) == (.plaintext, .portDisable))
    }

    @Test(
        "a rule holds for every endpoint, except that HBONE takes its place",
        arguments: [
            (DestinationRule.TLSMode.disable, FlowBytes.plaintext), (.istioMutual, .mtls),
            (.simple, .tls), (.mutual, .tls),
        ])
    func rule(mode: DestinationRule.TLSMode, bytes: FlowBytes) {
        let given = sending(mode, namespaceMode: .disable)
        #expect(given.toEndpoint(injected) == (bytes, .destinationRule))
        #expect(given.toEndpoint(plain) == (bytes, .destinationRule))
        #expect(given.toEndpoint(ambient) == (.hbone, .serverTakesHBONE))
    }

    @Test(
        "a port's settings without TLS make it automatic, but endpoints still see the rule's DISABLE"
    )
    func portWithoutTLS() {
        let silent = sending(nil, fallback: .disable)
        #expect(silent.cluster == .automatic)
        #expect(silent.toEndpoint(injected) == (.plaintext, .destinationRule))
        #expect(sending(nil, fallback: .istioMutual).toEndpoint(injected) == (.mtls, .autoMTLS))
    }

    @Test("without ambient support in istiod nothing is sent as HBONE")
    func noAmbient() {
        let old = sending(settings: MeshSettings(supportsAmbient: false))
        #expect(old.toEndpoint(ambient) == (.plaintext, .serverWithoutSidecar))
    }

    @Test("a headless Service gets one choice for all pods, by labels and namespace alone")
    func headless() {
        var disabled = injected
        disabled.mode = .disable
        let automatic = sending()
        #expect(automatic.toHeadless([injected, injected]) == (.mtls, .headlessAllInjected))
        #expect(automatic.toHeadless([injected, plain]) == (.plaintext, .headlessNotAllInjected))
        #expect(automatic.toHeadless([]) == (.plaintext, .headlessNotAllInjected))
        #expect(automatic.toHeadless([ambient]) == (.plaintext, .headlessNotAllInjected))
        #expect(automatic.toHeadless([disabled]) == (.mtls, .headlessAllInjected))
        #expect(sending(namespaceMode: .disable).toHeadless([injected]).0 == .plaintext)
        #expect(sending(.istioMutual).toHeadless([plain]) == (.mtls, .destinationRule))
    }

    @Test("istiod may prefer HBONE where a sidecar takes both")
    func prefersHBONE() {
        var settings = MeshSettings()
        settings.prefersHBONE = true
        #expect(sending(settings: settings).toEndpoint(both) == (.hbone, .serverTakesHBONE))
        #expect(sending(settings: settings).toEndpoint(injected) == (.mtls, .autoMTLS))
        var declining = sending(settings: settings)
        declining.sendsHBONE = false
        #expect(declining.toEndpoint(both) == (.mtls, .autoMTLS))
        #expect(declining.toEndpoint(ambient) == (.plaintext, .serverWithoutSidecar))
    }
}
