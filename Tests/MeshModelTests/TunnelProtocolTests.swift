import MeshModel
import Testing

/// Transcribed from cloudflare-operator
/// `internal/controller/ingress/converters_test.go:TestDetermineProtocol` and its neighbours.
@Suite("What cloudflared speaks to a Service")
struct TunnelProtocolTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var ingress: [String: String] = [:]
        var service: [String: String] = [:]
        var number = 9091
        var appProtocol: String? = nil
        var portName = ""
        var classDefault = ""
        var wanted: String
        var level: TunnelProtocol.Level

        var testDescription: String { name }
    }

    private static let key = "cloudflare.com/protocol"

    static let table: [Case] = [
        Case(
            name: "1. the Ingress", ingress: [key: "wss"], service: [key: "https"], number: 80,
            classDefault: "https", wanted: "wss", level: .ingressAnnotation),
        Case(
            name: "2. the Ingress, for the port", ingress: [key + "-9091": "http"],
            classDefault: "https", wanted: "http", level: .ingressPortAnnotation),
        Case(
            name: "3. the Service", service: [key: "http"], classDefault: "https", wanted: "http",
            level: .serviceAnnotation),
        Case(
            name: "4. appProtocol", appProtocol: "http", classDefault: "https", wanted: "http",
            level: .appProtocol),
        Case(name: "4b. gRPC", appProtocol: "grpc", wanted: "http", level: .appProtocol),
        Case(
            name: "4c. h2c", appProtocol: "kubernetes.io/h2c", wanted: "h2mux",
            level: .appProtocol),
        Case(
            name: "4d. an unknown one", appProtocol: "custom-protocol", portName: "https",
            wanted: "custom-protocol", level: .appProtocol),
        Case(
            name: "5. the port's name", portName: "http-api", classDefault: "https",
            wanted: "http", level: .portName),
        Case(
            name: "5b. a name that the operator does not know, though Istio would",
            portName: "https-metrics", classDefault: "http", wanted: "http", level: .classDefault),
        Case(name: "6. the class", classDefault: "tcp", wanted: "tcp", level: .classDefault),
        Case(name: "7. 443", number: 443, wanted: "https", level: .portNumber),
        Case(name: "7b. 22", number: 22, wanted: "ssh", level: .portNumber),
        Case(name: "7c. any other", number: 8080, wanted: "http", level: .portNumber),
        Case(
            name: "the Ingress before all", ingress: [key: "tcp"], service: [key: "https"],
            number: 443, appProtocol: "https", classDefault: "https", wanted: "tcp",
            level: .ingressAnnotation),
        Case(
            name: "an empty annotation says nothing", ingress: [key: ""], service: [key: ""],
            appProtocol: "", classDefault: "", wanted: "http", level: .portNumber),
    ]

    @Test("the first level that says something wins", arguments: table)
    func levels(_ given: Case) {
        let port = ServicePort(
            name: given.portName, number: given.number, appProtocol: given.appProtocol)
        let found = TunnelProtocol.decide(
            number: given.number, ingressAnnotations: given.ingress,
            serviceAnnotations: given.service, port: port, classDefault: given.classDefault)
        #expect(found == .init(name: given.wanted, decidedBy: given.level))
    }

    @Test(
        "https and wss are TLS, and everything else is plaintext",
        arguments: [
            ("https", FlowBytes.tls), ("wss", .tls), ("http", .plaintext), ("h2mux", .plaintext),
            ("tcp", .plaintext), ("ws", .plaintext),
        ])
    func bytes(name: String, bytes: FlowBytes) {
        #expect(TunnelProtocol.Decision(name: name, decidedBy: .portName).bytes == bytes)
    }
}
