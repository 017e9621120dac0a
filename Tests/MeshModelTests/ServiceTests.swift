import MeshModel
import Testing

@Suite("A Service's ports")
struct ServiceTests {
    @Test("a number for both transports means TCP")
    func bothTransports() {
        let dns = Service(
            meta: ObjectMeta(name: "dns", namespace: "kube-system"),
            ports: [
                ServicePort(name: "dns", number: 53, transport: "UDP"),
                ServicePort(name: "dns-tcp", number: 53),
                ServicePort(name: "stats", number: 54, transport: "UDP"),
            ])
        #expect(dns.port(53)?.name == "dns-tcp")
        #expect(dns.port(54)?.name == "stats")
        #expect(dns.port(55) == nil)
    }

    @Test(
        "a port's protocol: appProtocol, then the name, then well-known numbers",
        arguments: [
            (ServicePort(name: "http-web", number: 1), .http),
            (ServicePort(name: "http", number: 1), .http),
            (ServicePort(name: "grpc-web-x", number: 1), .http),
            (ServicePort(name: "https", number: 443), .tcp),
            (ServicePort(name: "tcp-x", number: 1, appProtocol: "http"), .http),
            (ServicePort(name: "http", number: 1, appProtocol: "tcp"), .tcp),
            (ServicePort(name: "http", number: 1, appProtocol: "acme.io/x"), .http),
            (ServicePort(name: "web", number: 80), .sniffed),
            (ServicePort(name: "", number: 3306), .tcp),
            (ServicePort(name: "dns", number: 53, transport: "UDP"), .udp),
            (ServicePort(name: "h2", number: 1, appProtocol: "kubernetes.io/h2c"), .http),
        ] as [(ServicePort, PortProtocol)])
    func protocols(port: ServicePort, expected: PortProtocol) {
        #expect(PortProtocol(port) == expected)
    }
}
