import JSON
import MeshModel
import MeshPlanning
import Testing

@testable import Reporting

@Suite("What a client rule, an external host or an egress says, in words")
struct TrafficDetailTests {
    private func parts(
        _ kind: TrafficKind, _ before: JSONValue?, _ after: JSONValue?
    ) -> [String] {
        func image(_ spec: JSONValue?) -> PolicyImage? {
            spec.map { PolicyImage(labels: [:], spec: $0) }
        }
        return ChangeDetail.parts(
            of: .traffic(
                TrafficChange(
                    kind, namespace: "shop", name: "x", uid: "", before: image(before),
                    after: image(after))))
    }

    private func rule(_ ports: JSONValue...) -> JSONValue {
        [
            "host": "cart.shop", "trafficPolicy": ["portLevelSettings": .array(ports)],
        ]
    }

    private func port(_ number: Int64, _ tls: JSONValue?) -> JSONValue {
        var port: JSONValue = ["port": ["number": .integer(number)]]
        port["tls"] = tls
        return port
    }

    @Test("a rule names its host and what is sent to each port")
    func rules() {
        let tls: JSONValue = ["mode": "MUTUAL", "credentialName": "api", "sni": "a.b"]
        #expect(
            parts(.destinationRule, nil, rule(port(9091, ["mode": "DISABLE"]), port(80, tls))) == [
                "host cart.shop", "port 9091 DISABLE",
                "port 80 MUTUAL, certificate api, sni a.b",
            ])
        #expect(
            parts(.destinationRule, rule(port(80, nil)), nil)
                == ["was host cart.shop, port 80 automatic"])
    }

    @Test("a change of a rule names the host, then each port that differs, then that others do")
    func changes() {
        let before = rule(port(80, ["mode": "SIMPLE"]), port(81, [:]), port(82, [:]))
        var after = rule(port(80, ["mode": "DISABLE"]), port(81, [:]), port(90, [:]))
        #expect(
            parts(.destinationRule, before, after) == [
                "host cart.shop", "port 80 SIMPLE → DISABLE", "+ port 90 DISABLE",
                "- port 82 DISABLE",
            ])
        after = before
        after["trafficPolicy"]?["connectionPool"] = [:]
        #expect(
            parts(.destinationRule, before, after)
                == ["host cart.shop", "other fields of the spec"])
    }

    @Test("an external host names its ports and its resolution, an egress its hosts")
    func others() {
        let entry: JSONValue = [
            "hosts": ["a.b"], "resolution": "DNS", "location": "MESH_EXTERNAL",
            "ports": [["number": 80, "name": "http-80", "protocol": "HTTP", "targetPort": 443]],
        ]
        #expect(
            parts(.serviceEntry, nil, entry) == [
                "host a.b", "port 80 HTTP to 443", "resolution DNS",
            ])
        let scope: JSONValue = ["egress": [["hosts": ["./*", "istio-system/*"]]]]
        #expect(parts(.sidecar, nil, scope) == ["egress ./* istio-system/*"])
        #expect(
            parts(.sidecar, scope, ["egress": [["hosts": ["./*"]]]])
                == ["egress ./* istio-system/* → ./*"])
    }

    @Test("a pin says what it is for, and what its end means")
    func pins() {
        let image = PolicyImage(
            labels: ["meshctl.dev/pin": "true"], spec: rule(port(80, ["mode": "DISABLE"])))
        func parts(_ before: PolicyImage?, _ after: PolicyImage?) -> [String] {
            TrafficDetail.parts(
                of: TrafficChange(
                    .destinationRule, namespace: "shop", name: "meshctl-pin-cart", uid: "",
                    before: before, after: after))
        }
        #expect(
            parts(nil, image) == [
                "pins clients of cart.shop to plaintext until the server has changed its mode",
                "port 80",
            ])
        #expect(parts(image, nil) == ["unpins clients of cart.shop", "port 80"])
    }

    @Test("text from a cluster that has other types than Istio's is no crash")
    func hostile() {
        let spec: JSONValue = ["host": 5, "trafficPolicy": "x", "ports": 7, "egress": [3]]
        for kind in TrafficKind.allCases { _ = parts(kind, spec, ["egress": ["x"]]) }
        #expect(parts(.destinationRule, nil, spec) == ["host "])
    }

    @Test("a conflict's three columns are told in the same words")
    func conflict() {
        let entry = ConflictEntry(
            RollbackConflict(
                object: ObjectReference(kind: "DestinationRule", namespace: "shop", name: "x"),
                before: .null, ours: rule(port(80, ["mode": "DISABLE"])),
                now: rule(port(80, ["mode": "SIMPLE"]))))
        #expect(entry.fields.map(\.name) == ["host", "port 80"])
        #expect(entry.fields.last?.before == nil)
        #expect(entry.fields.last?.ours == "DISABLE")
        #expect(entry.fields.last?.now == "SIMPLE")
    }
}
