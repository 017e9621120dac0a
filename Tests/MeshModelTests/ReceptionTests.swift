import MeshModel
import Testing

/// Transcribed from istio `pilot/pkg/networking/core/sidecar_simulation_test.go:TestInbound` and
/// `peer_authentication_simulation_test.go`.
@Suite("What servers do with what arrives")
struct ReceptionTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var mode: MTLSMode
        var declared: PortProtocol
        var bytes: FlowBytes
        var speaks: ApplicationProtocol
        var expected: FlowOutcome

        init(
            _ mode: MTLSMode, _ declared: PortProtocol, _ bytes: FlowBytes,
            _ speaks: ApplicationProtocol, _ expected: FlowOutcome
        ) {
            self.mode = mode
            self.declared = declared
            self.bytes = bytes
            self.speaks = speaks
            self.expected = expected
        }

        var testDescription: String { "\(mode) \(declared): \(bytes) with \(speaks) inside" }
    }

    /// Istio calls unterminated mTLS accepted: the listener takes it. The application cannot read it.
    static let inbound: [Case] = [
        Case(.permissive, .tcp, .plaintext, .tcp, .carried),
        Case(.strict, .tcp, .plaintext, .tcp, .refused),
        Case(.disable, .tcp, .plaintext, .http, .carried),
        Case(.permissive, .tcp, .plaintext, .http, .carried),
        Case(.permissive, .tcp, .tls, .tcp, .carried),
        Case(.strict, .tcp, .tls, .tcp, .refused),
        Case(.disable, .tcp, .tls, .http, .carried),
        Case(.permissive, .tcp, .tls, .http, .carried),
        Case(.strict, .tcp, .tls, .http, .refused),
        Case(.disable, .tcp, .mtls, .tcp, .garbled),
        Case(.disable, .tcp, .mtls, .http, .garbled),
        Case(.disable, .http, .tls, .tcp, .refused),
        Case(.disable, .http, .tls, .http, .refused),
        Case(.disable, .http, .mtls, .http, .refused),
        Case(.permissive, .http, .tls, .http, .refused),
        Case(.strict, .http, .mtls, .http, .carried),
        Case(.disable, .http, .plaintext, .tcp, .refused),
        Case(.permissive, .http, .plaintext, .tcp, .refused),
        Case(.disable, .sniffed, .plaintext, .http, .carried),
        Case(.permissive, .sniffed, .plaintext, .http, .carried),
        Case(.disable, .sniffed, .plaintext, .http2, .carried),
        Case(.disable, .sniffed, .plaintext, .tcp, .carried),
        Case(.permissive, .sniffed, .plaintext, .tcp, .carried),
        Case(.strict, .sniffed, .plaintext, .tcp, .refused),
        Case(.disable, .sniffed, .tls, .tcp, .carried),
        Case(.permissive, .sniffed, .tls, .tcp, .carried),
        Case(.permissive, .sniffed, .tls, .http, .carried),
        Case(.strict, .sniffed, .tls, .http, .refused),
        Case(.disable, .sniffed, .mtls, .tcp, .garbled),
        Case(.permissive, .sniffed, .mtls, .tcp, .carried),
        Case(.disable, .sniffed, .mtls, .http, .garbled),
        Case(.permissive, .sniffed, .mtls, .http, .carried),
        Case(.strict, .sniffed, .mtls, .http, .carried),
        Case(.disable, .undeclared, .plaintext, .http, .carried),
        Case(.disable, .undeclared, .plaintext, .tcp, .carried),
        Case(.disable, .undeclared, .tls, .http, .carried),
        Case(.strict, .undeclared, .tls, .http, .refused),
        Case(.disable, .undeclared, .mtls, .http, .garbled),
        Case(.permissive, .undeclared, .mtls, .http, .carried),
    ]

    @Test("a sidecar's listener, by mode, declared protocol and bytes", arguments: inbound)
    func sidecar(_ given: Case) {
        let found = SidecarReception.decide(
            mode: given.mode, declared: given.declared, bytes: given.bytes, speaks: given.speaks)
        #expect(found.outcome == given.expected)
    }

    @Test(
        "HBONE reaches a sidecar in every mode",
        arguments: [MTLSMode.strict, .permissive, .disable])
    func hbone(mode: MTLSMode) {
        #expect(
            SidecarReception.decide(mode: mode, declared: .tcp, bytes: .hbone)
                == Reception(.carried, .hboneAccepted))
    }

    @Test("the reasons of a sidecar's refusals tell them apart")
    func reasons() {
        func reason(_ mode: MTLSMode, _ bytes: FlowBytes) -> FlowReason {
            SidecarReception.decide(mode: mode, declared: .http, bytes: bytes).reason
        }
        #expect(reason(.strict, .plaintext) == .strictRefusesPlaintext)
        #expect(reason(.strict, .tls) == .strictRefusesTLS)
        #expect(reason(.permissive, .tls) == .httpPortRefusesTLS)
        #expect(reason(.disable, .tls) == .httpProtocolError)
        #expect(reason(.disable, .mtls) == .httpProtocolError)
        #expect(reason(.strict, .mtls) == .mtlsAccepted)
    }

    @Test("ztunnel takes HBONE always, and everything else only where no identity is asked for")
    func ztunnel() {
        func outcome(_ denies: Bool, _ bytes: FlowBytes) -> FlowOutcome {
            ZtunnelReception.decide(deniesAnonymous: denies, bytes: bytes).outcome
        }
        #expect(
            FlowBytes.allCases.map { outcome(true, $0) } == [
                .refused, .refused, .carried, .refused,
            ])
        #expect(
            FlowBytes.allCases.map { outcome(false, $0) } == [
                .carried, .garbled, .carried, .carried,
            ])
    }

    @Test("without a proxy before the port all arrives as it is, and mTLS cannot be read")
    func bare() {
        for place in [BareReception.Place.unmeshed, .excludedPort, .sameNode] {
            #expect(BareReception.decide(place, bytes: .mtls).outcome == .garbled)
        }
        #expect(BareReception.decide(.unmeshed, bytes: .plaintext).reason == .noEnforcement)
        #expect(BareReception.decide(.excludedPort, bytes: .tls).reason == .portNotIntercepted)
        #expect(BareReception.decide(.sameNode, bytes: .plaintext).outcome == .bypassed)
    }
}
