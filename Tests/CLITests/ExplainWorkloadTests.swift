import JSON
import Testing

@Suite("explain WORKLOAD")
struct ExplainWorkloadTests: ManifestTests {
    private func explain(
        _ objects: [JSONValue], _ name: String
    ) async throws -> JSONValue {
        let result = try await meshctl(["explain", name, "-o", "json"], on: objects)
        #expect(result.code == 0, "\(result.errors)")
        return try JSONValue(parsing: Array(result.output.utf8))
    }

    private func groups(_ report: JSONValue) -> [JSONValue] { report["pods"]?.array ?? [] }

    /// `sidecar mtls carried` for each kind of client at the port.
    private func clients(_ group: JSONValue, port: JSONValue) -> [String] {
        let found = group["ports"]?.array?.first { $0["port"] == port }
        return (found?["clients"]?.array ?? []).map { client in
            ["client", "sent", "outcome"].map { client[$0]?.string ?? "?" }.joined(separator: " ")
        }
    }

    private var meshed: JSONValue { namespace("default", ["istio-injection": "enabled"]) }

    @Test("the JSON has its members, and nothing else")
    func contract() async throws {
        let report = try await explain(
            [
                meshed, strict, workload("StatefulSet", "default/web", labels: ["app": "web"]),
                owned(pod("default/web-0", "sidecar", app: "web"), by: "StatefulSet", "web"),
                service("default/web", app: "web"),
            ], "default/statefulset/web")
        #expect(report["formatVersion"] == "1.0")
        #expect(report["kind"] == "WorkloadExplanation")
        #expect(report["workload"] == "default/statefulset/web")
        #expect(report["mode"] == "STRICT")
        #expect(
            keys(report) == [
                "assumptions", "formatVersion", "kind", "mode", "pods", "workload",
            ])
        let group = try #require(groups(report).first)
        #expect(
            keys(group) == [
                "ambient", "dataPlane", "injection", "mtls", "notes", "onRestart", "pods",
                "policies", "ports", "reachedBy", "template", "ztunnelPolicies",
            ])
        #expect(group["pods"] == ["default/web-0"])
        #expect(group["template"] == false)
        #expect(group["reachedBy"] == ["mtls"])
        #expect(group["onRestart"] == "sidecar")
        #expect(group["mtls"]?["decidedBy"] == ["default/default"])
        let port = try #require(group["ports"]?.array?.first)
        #expect(
            keys(port) == [
                "clients", "declaredAs", "intercepted", "mode", "port", "services", "via",
            ])
        #expect(port["port"] == 3000)
        #expect(port["declaredAs"] == "http")
        #expect(port["services"] == ["default/service/web:80"])
        #expect(port["via"] == "default/service/web:80")
        #expect(group["ports"]?.array?.last?["port"] == .null)
        let client = try #require(port["clients"]?.array?.first)
        #expect(
            keys(client) == ["client", "outcome", "reason", "seenAs", "sent", "sentBecause"])
    }

    private func keys(_ value: JSONValue) -> [String] { (value.object ?? [:]).keys.sorted() }

    @Test("each kind of client meets what its data plane makes of the server's")
    func kinds() async throws {
        func server(_ plane: String) -> [JSONValue] {
            [strict, pod("default/web-0", plane, app: "web"), service("default/web", app: "web")]
        }
        let sidecar = try await explain(server("sidecar"), "default/pod/web-0:3000")
        #expect(
            clients(try #require(groups(sidecar).first), port: 3000) == [
                "sidecar mtls carried", "ambient plaintext refused", "gateway mtls carried",
                "plain plaintext refused", "external plaintext refused", "node plaintext refused",
            ])
        let ambient = try await explain(server("ambient"), "default/service/web:80")
        #expect(
            clients(try #require(groups(ambient).first), port: 3000) == [
                "sidecar hbone carried", "ambient hbone carried", "gateway hbone carried",
                "plain plaintext refused", "external plaintext refused", "node plaintext bypassed",
            ])
        let open = try await explain(server("none"), "default/pod/web-0")
        #expect(open["mode"] == "NONE")
        #expect(
            clients(try #require(groups(open).first), port: 3000).allSatisfy {
                $0.hasSuffix("plaintext carried")
            })
    }

    @Test("what is there, what labels ask for, and what a restart would give are told apart")
    func dataPlanes() async throws {
        let web = workload("StatefulSet", "default/web", labels: ["app": "web"])
        let plain = owned(pod("default/web-0", app: "web"), by: "StatefulSet", "web")
        let injected = owned(pod("default/web-0", "sidecar", app: "web"), by: "StatefulSet", "web")
        let waiting = try await explain([meshed, web, plain], "default/sts/web")
        var group = try #require(groups(waiting).first)
        #expect(group["dataPlane"] == "none")
        #expect(group["injection"]?["reason"] == "namespace-label")
        #expect(group["onRestart"] == "sidecar")
        let leaving = try await explain([namespace("default"), web, injected], "default/sts/web")
        group = try #require(groups(leaving).first)
        #expect(group["dataPlane"] == "sidecar")
        #expect(group["injection"]?["reason"] == "not-requested")
        #expect(group["onRestart"] == "none")
        let moving = try await explain(
            [namespace("default", ["istio.io/dataplane-mode": "ambient"]), web, injected],
            "default/sts/web")
        group = try #require(groups(moving).first)
        #expect(group["ambient"]?["reason"] == "has-sidecar")
        #expect(group["onRestart"] == "ambient")
        let bare = try await explain([meshed, pod("default/debug")], "default/pod/debug")
        #expect(groups(bare).first?["onRestart"] == .null)
    }

    @Test("a workload without pods is judged by its template, and the report says so")
    func template() async throws {
        let objects = [
            meshed, strict, workload("Deployment", "default/web", labels: ["app": "web"]),
            service("default/web", app: "web"),
        ]
        for name in ["default/deployment/web", "default/service/web:80"] {
            let report = try await explain(objects, name)
            let group = try #require(groups(report).first)
            #expect(group["pods"] == ["default/Deployment/web"])
            #expect(group["template"] == true)
            #expect(group["dataPlane"] == "sidecar")
            #expect(clients(group, port: 3000).first == "sidecar mtls carried")
            #expect(report["assumptions"]?.array?.isEmpty == false)
        }
    }

    @Test("pods that differ stand apart, and pods that are alike together")
    func grouped() async throws {
        let pods = (0..<4).map {
            owned(
                pod(
                    "default/web-\($0)", $0 < 3 ? "sidecar" : "none", app: "web",
                    ip: "10.0.0.\($0 + 1)", node: "node-\($0)"), by: "StatefulSet", "web")
        }
        let report = try await explain(
            [meshed, strict, service("default/web", app: "web")] + pods, "default/statefulset/web")
        #expect(
            groups(report).map { $0["pods"] } == [
                ["default/web-0", "default/web-1", "default/web-2"], ["default/web-3"],
            ])
        #expect(report["mode"] == "mixed")
    }

    @Test(
        "what ztunnel does not enforce although policies say so is noted, once for pods that are alike"
    )
    func notes() async throws {
        let objects = [
            policy("istio-system/default", ["mtls": ["mode": "STRICT"]]),
            policy(
                "default/web",
                [
                    "selector": ["matchLabels": ["app": "web"]], "mtls": ["mode": "PERMISSIVE"],
                    "portLevelMtls": ["3000": ["mode": "STRICT"]],
                ]), owned(pod("default/web-0", "ambient", app: "web"), by: "StatefulSet", "web"),
            owned(pod("default/web-1", "ambient", app: "web"), by: "StatefulSet", "web"),
            service("default/web", app: "web"),
        ]
        let report = try await explain(objects, "default/statefulset/web")
        #expect(groups(report).map { $0["pods"] } == [["default/web-0", "default/web-1"]])
        let note = groups(report).first?["notes"]?.array?.first?.string ?? ""
        #expect(note.contains("converted_peer_authentication_web"))
        #expect(note.contains("never sends it"))
        let flow = try await run(objects, "external", "default/service/web:80")
        #expect(flow.output.contains("! default/web-0, default/web-1: istiod names"))
    }

    @Test("a port that the sidecar does not see has no mode, and takes what comes")
    func excludedPort() async throws {
        let report = try await explain(
            [
                strict,
                pod(
                    "default/web-0", "sidecar", app: "web",
                    annotations: ["traffic.sidecar.istio.io/excludeInboundPorts": "3000"]),
                service("default/web", app: "web"),
            ], "default/pod/web-0:3000")
        let group = try #require(groups(report).first)
        let port = try #require(group["ports"]?.array?.first)
        #expect(port["mode"] == "NONE")
        #expect(port["intercepted"] == false)
        #expect(clients(group, port: 3000).first == "sidecar mtls garbled")
        #expect(clients(group, port: 3000).contains("external plaintext carried"))
    }

    @Test("a Service's number that is taken for the container's is pointed out")
    func wrongPort() async throws {
        let objects = [
            strict, pod("default/web-0", "sidecar", app: "web"), service("default/web", app: "web"),
        ]
        let report = try await explain(objects, "default/pod/web-0:80")
        let notes = groups(report).first?["notes"]?.array ?? []
        #expect(notes.first?.string?.contains("default/service/web:80 it is port 3000") == true)
        let right = try await explain(objects, "default/pod/web-0:3000")
        #expect(groups(right).first?["notes"] == [])
    }

    @Test("a Service without pods says why there is nothing to tell")
    func noEndpoints() async throws {
        let report = try await explain([service("default/web", app: "web")], "default/svc/web")
        #expect(report["pods"] == [])
        #expect(report["reason"] == "no-endpoints")
        #expect(report["mode"] == "NONE")
    }

    @Test(
        "what is not there, or is no name, is said with what may be meant",
        arguments: [
            ("default/deployment/wbe", 1, "did you mean default/web?"),
            ("shop/deployment/web", 1, "did you mean default/web?"),
            ("default/service/web:81", 1, "has no port 81; it has 80"),
            ("default/pod/web", 1, "Pod default/web is not in"),
            ("default/deploymnt/web", 64, "did you mean deployment?"),
            ("default/deployment/web:0", 64, "names no port"),
            ("default/deployment/web:http", 64, "names no port"),
            ("default/web", 1, "NAMESPACE/deployment/NAME"),
        ] as [(String, Int32, String)])
    func mistakes(name: String, code: Int32, words: String) async throws {
        let result = try await meshctl(
            ["explain", name],
            on: [
                workload("Deployment", "default/web", labels: ["app": "web"]),
                service("default/web", app: "web"),
            ])
        #expect(result.code == code)
        #expect(result.errors.contains(words), "\(result.errors)")
        #expect(result.output.isEmpty)
    }
}
