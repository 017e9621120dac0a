import Diagnostics
import JSON
import MeshModel
import Testing

@testable import Reporting

@Suite("Asking the manual")
struct ManualSearchTests {
    private func titles(_ text: String) -> [String] { ManualSearch(text).sections.map(\.title) }

    @Test("every diagnostic code, flow reason and send reason is found by its name")
    func codes() {
        let codes =
            DiagnosticCode.allCases.map(\.rawValue) + FlowReason.allCases.map(\.rawValue)
            + SendReason.allCases.map(\.rawValue) + InjectionReason.allCases.map(\.rawValue)
            + AmbientReason.allCases.map(\.rawValue)
        for code in codes {
            let found = titles(code)
            #expect(!found.isEmpty && found.allSatisfy { $0 == code }, "\(code): \(found)")
        }
    }

    @Test("a word that is a code of two pages is answered by both")
    func twice() {
        let found = ManualSearch("host-network").sections
        #expect(found.map(\.chapter) == ["Injection", "Ambient"])
        #expect(found.allSatisfy { $0.body.joined().contains("the pod is on the host network") })
    }

    @Test(
        "an error text finds its section, whatever surrounds it",
        arguments: [
            ("WRONG_VERSION_NUMBER", "WRONG_VERSION_NUMBER"),
            ("wrong_version_number", "WRONG_VERSION_NUMBER"),
            (
                "upstream connect error or disconnect/reset before headers. reset reason: connection "
                    + "failure, transport failure reason: TLS error: 268435703:SSL routines:"
                    + "OPENSSL_internal:WRONG_VERSION_NUMBER", "WRONG_VERSION_NUMBER"
            ),
            ("503 UC", "503 UC"), ("503   uc", "503 UC"), ("UC", "503 UC"),
            ("upstream_reset_before_response_started", "503 UC"),
            (
                "[2026-11-20T10:00:00.000Z] \"GET / HTTP/1.1\" 503 UC "
                    + "upstream_reset_before_response_started{connection_termination} - \"-\" 0 95 1 -",
                "503 UC"
            ), ("connection termination", "503 UC"),
            ("TLS handshake failure", "TLS handshake failure"),
            ("Recv failure: Connection reset by peer", "Connection reset by peer"),
            ("curl: (56) Recv failure: Connection reset by peer", "Connection reset by peer"),
            (
                "curl: (35) Recv failure: Connection reset by peer",
                "The connection is reset during the TLS handshake"
            ),
            (
                "error access connection complete src.addr=10.0.0.9:4711 direction=\"inbound\" "
                    + "error=\"connection closed due to policy rejection: explicitly denied by: "
                    + "mesh-root/istio_converted_static_strict\"", "istio_converted_static_strict"
            ),
            (
                "policy rejection: explicitly denied by: shop/deny-all",
                "Denied by an AuthorizationPolicy"
            ),
            (
                "warn xds::client:xds{id=1} XDS client connection error: gRPC connection error "
                    + "connecting to https://istiod.istio-system.svc:15012: status: Unknown, "
                    + "message: \"tcp connect error: Connection refused (os error 111)\", retrying in 2s",
                "XDS client connection error"
            ),
            (
                "Internal error occurred: failed calling webhook \"namespace.sidecar-injector.istio.io\": "
                    + "failed to call webhook: connect: connection refused",
                "istiod does not answer the API server"
            ),
            (
                "Readiness probe failed: Get \"http://10.0.0.7:8080/\": read: connection reset by peer",
                "Probes fail"
            ),
            (
                "connection failed: Connection refused (os error 111)",
                "The application does not answer"
            ),
        ])
    func errorTexts(text: String, title: String) {
        #expect(titles(text) == [title])
    }

    @Test("what explain says that a person would see leads to a section")
    func symptoms() {
        for reason in FlowReason.allCases {
            for server in [PodDataplane.sidecar, .ambient] {
                for client in [PodDataplane.sidecar, .none] {
                    for isHTTP in [true, false] {
                        let seen = FlowSymptoms.of(
                            FlowVerdict(
                                sent: .plaintext, sentBecause: nil, outcome: .refused,
                                reason: reason), client: client, server: server,
                            policies: ["istio-system/istio_converted_static_strict"],
                            isHTTP: isHTTP)
                        for text in seen where !text.hasPrefix("nothing") {
                            #expect(!titles(text).isEmpty, "\(text)")
                        }
                    }
                }
            }
        }
    }

    @Test("part of a word is no match, and a near miss is suggested")
    func misses() {
        #expect(titles("bucket") == [])
        #expect(ManualSearch("succeeded").suggestion == nil)
        #expect(ManualSearch("shadowed-polcy").suggestion == "shadowed-policy")
        #expect(ManualSearch("WRONG_VERSON_NUMBER").suggestion == "WRONG_VERSION_NUMBER")
        #expect(titles("") == [])
        #expect(titles("u") == [])
    }

    @Test("hostile text costs no time and reaches no terminal")
    func hostile() {
        let texts = [
            "\u{1B}[2J503 UC", String(repeating: "503 u", count: 100_000), "\u{0}", "`\"'",
            String(repeating: "é", count: 10_000), "503 UC\u{202E}",
        ]
        for text in texts {
            let report = ManualReport(asked: text, ManualSearch(text))
            for format in ReportFormat.allCases {
                let output = report.rendered(as: format)
                #expect(!output.contains("\u{1B}") && !output.contains("\u{202E}"))
            }
        }
    }

    @Test("the text of a section, with the page that it is from and what else fits")
    func text() throws {
        let report = ManualReport(asked: "503", ManualSearch("503"))
        try expectGolden(report.rendered(as: .text), "manual.txt")
        #expect(report.json["kind"] == "ManualExplanation")
        #expect(report.json[path: "sections"]?.array?.first?["page"] == "docs/errors.md")
        #expect(!report.others.isEmpty)
    }
}
