import MeshModel
import Testing

@testable import Reporting

@Suite("What one sees of a flow that is not carried")
struct FlowSymptomsTests {
    private func seen(
        _ reason: FlowReason, client: PodDataplane = .none, server: PodDataplane = .sidecar,
        isHTTP: Bool = true
    ) -> [String] {
        FlowSymptoms.of(
            FlowVerdict(
                sent: .plaintext, sentBecause: nil, outcome: .refused, reason: reason),
            client: client, server: server, policies: ["root/istio_converted_static_strict"],
            isHTTP: isHTTP)
    }

    @Test("every refusal and every garbled flow shows itself somewhere")
    func complete() {
        let visible: [FlowReason] = [
            .strictRefusesPlaintext, .strictRefusesTLS, .strictRefusesLegacyMTLS,
            .httpPortRefusesTLS, .httpProtocolError, .registryOnly, .mtlsToPlainServer,
            .mtlsToExcludedPort, .mtlsNotTerminated, .nodeLocal,
        ]
        for reason in FlowReason.allCases {
            #expect(seen(reason).isEmpty == !visible.contains(reason), "\(reason)")
        }
    }

    @Test("ztunnel's log line is the one that its STRICT refusals are known by")
    func ztunnel() throws {
        let lines = seen(.strictRefusesPlaintext, server: .ambient)
        let pattern =
            /policy rejection: explicitly denied by: [^"]*istio_converted_static_strict/
        #expect(lines.contains { $0.contains(pattern) })
        #expect(!lines.contains { $0.contains("filter_chain_not_found") })
    }

    @Test("a client with an Envoy gets its 503 for HTTP, and a reset for TCP, as one without does")
    func client() {
        #expect(seen(.strictRefusesPlaintext, client: .sidecar)[0].hasPrefix("HTTP 503"))
        for client in [PodDataplane.sidecar, .ambient, .none] {
            #expect(
                seen(.strictRefusesPlaintext, client: client, isHTTP: false)[0]
                    == "curl: (56) Recv failure: Connection reset by peer")
        }
    }
}
