import HTTPTypes
import JSON
import Testing

@testable import KubernetesSandbox

@Suite("DestinationRule, ServiceEntry and Sidecar in the sandbox")
struct TrafficValidationTests {
    private static func object(_ kind: String, _ spec: JSONValue) -> JSONValue {
        [
            "apiVersion": "networking.istio.io/v1", "kind": .string(kind),
            "metadata": ["name": "x", "namespace": "shop"], "spec": spec,
        ]
    }

    private static let plurals = [
        "DestinationRule": "destinationrules", "ServiceEntry": "serviceentries",
        "Sidecar": "sidecars",
    ]

    private func answer(_ kind: String, _ spec: JSONValue) throws -> (Int, String) {
        var test = try TestCluster()
        let plural = try #require(Self.plurals[kind])
        let (status, body) = try test.send(
            .post, "/apis/networking.istio.io/v1/namespaces/shop/\(plural)",
            Self.object(kind, spec))
        return (status, body["message"]?.string ?? "")
    }

    @Test(
        "what Istio takes is taken",
        arguments: [
            (
                "DestinationRule",
                [
                    "host": "web",
                    "trafficPolicy": [
                        "portLevelSettings": [
                            ["port": ["number": 80], "tls": ["mode": "DISABLE"]]
                        ]
                    ],
                ]
            ),
            (
                "ServiceEntry",
                [
                    "hosts": ["api.example.com"], "resolution": "DNS",
                    "ports": [["number": 80, "name": "http", "protocol": "HTTP"]],
                ]
            ), ("Sidecar", ["egress": [["hosts": ["./*", "~/*", "*/*.example.com"]]]]),
        ] as [(String, JSONValue)])
    func accepted(kind: String, spec: JSONValue) throws {
        #expect(try answer(kind, spec).0 == 201)
    }

    @Test(
        "the schema refuses words that are not of the set, and missing fields",
        arguments: [
            ("DestinationRule", [:], "spec.host: Required value"),
            (
                "DestinationRule",
                ["host": "web", "trafficPolicy": ["tls": ["mode": "disable"]]],
                "spec.trafficPolicy.tls.mode: Unsupported value: \"disable\""
            ),
            (
                "DestinationRule",
                [
                    "host": "web",
                    "trafficPolicy": ["portLevelSettings": [["port": ["number": 70_000]]]],
                ], "portLevelSettings[0].port.number: Invalid value: 70000"
            ),
            ("ServiceEntry", ["ports": []], "spec.hosts: Required value"),
            (
                "ServiceEntry", ["hosts": ["a.b"], "resolution": "dns"],
                "spec.resolution: Unsupported value: \"dns\""
            ),
            (
                "ServiceEntry", ["hosts": ["a.b"], "ports": [["number": 80]]],
                "spec.ports[0].name: Required value"
            ), ("Sidecar", ["egress": [[:]]], "spec.egress[0].hosts: Required value"),
        ] as [(String, JSONValue, String)])
    func schema(kind: String, spec: JSONValue, message: String) throws {
        let (status, text) = try answer(kind, spec)
        #expect(status == 422)
        #expect(text.contains(message), "\(text)")
    }

    @Test(
        "istiod refuses what only it understands",
        arguments: [
            ("Sidecar", ["egress": [["hosts": []]]], "must contain at least one host"),
            (
                "Sidecar", ["egress": [["hosts": ["api.github.com"]]]],
                "host must be of form namespace/dnsName"
            ), ("ServiceEntry", ["hosts": []], "must have at least one host"),
            (
                "ServiceEntry",
                [
                    "hosts": ["*.example.com"], "resolution": "DNS",
                    "ports": [["number": 80, "name": "http", "protocol": "HTTP"]],
                ], "hosts must be FQDN"
            ),
            (
                "ServiceEntry",
                [
                    "hosts": ["a.b"],
                    "ports": [["number": 80, "name": "a"], ["number": 80, "name": "b"]],
                ], "port 80 already defined"
            ),
        ] as [(String, JSONValue, String)])
    func istiod(kind: String, spec: JSONValue, message: String) throws {
        let (status, text) = try answer(kind, spec)
        #expect(status == 400)
        #expect(text.hasPrefix("admission webhook \"validation.istio.io\" denied the request"))
        #expect(text.contains(message), "\(text)")
    }

    @Test("a change is judged as a creation is")
    func update() throws {
        var test = try TestCluster()
        let path = "/apis/networking.istio.io/v1/namespaces/shop/sidecars"
        try test.create(path, Self.object("Sidecar", ["egress": [["hosts": ["./*"]]]]))
        let (status, _) = try test.send(
            .patch, "\(path)/x", ["spec": ["egress": [["hosts": []]]]],
            type: "application/merge-patch+json")
        #expect(status == 400)
    }
}
