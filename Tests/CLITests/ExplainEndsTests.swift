import JSON
import Testing

@Suite("The ends of a flow, as explain finds them")
struct ExplainEndsTests: ManifestTests {
    @Test(
        "pods of one workload that fare differently are told apart; without pods its template counts"
    )
    func workloads() async throws {
        let mesh = [
            strict, workload("Deployment", "default/idle", labels: ["app": "idle"]),
            owned(pod("default/api-0", "sidecar"), by: "StatefulSet", "api"),
            owned(pod("default/api-1"), by: "StatefulSet", "api"),
            owned(pod("default/api-2"), by: "StatefulSet", "api"),
            pod("default/web-0", "sidecar", app: "web"), service("default/web", app: "web"),
            namespace("default", ["istio-injection": "enabled"]),
        ]
        let report = try await explain(mesh, "default/statefulset/api")
        let endpoints = report["endpoints"]?.array ?? []
        #expect(endpoints.map { $0["client"] } == ["default/api-0", "default/api-1"])
        #expect(endpoints.map { $0["outcome"] } == ["carried", "refused"])
        #expect(report["outcome"] == "mixed")
        #expect(try await verdict(mesh, "default/deploy/idle") == "mtls carried mtls-accepted")
    }

    @Test("the pods of a workload are called by their own addresses, at the container's port")
    func workloadAsServer() async throws {
        let mesh = [
            strict, pod("default/api-0", "sidecar"),
            owned(pod("default/web-0", "sidecar", ip: "10.0.0.5"), by: "StatefulSet", "web"),
            owned(pod("default/web-1", ip: "10.0.0.6"), by: "StatefulSet", "web"),
        ]
        let report = try await explain(mesh, "default/pod/api-0", "default/statefulset/web:3000")
        let endpoints = report["endpoints"]?.array ?? []
        #expect(endpoints.map { $0["pod"] } == ["default/web-0", "default/web-1"])
        #expect(
            endpoints.map { $0["sentBecause"] } == ["pod-ip-passthrough", "pod-ip-passthrough"])
        #expect(endpoints.map { $0["outcome"] } == ["refused", "carried"])
    }

    /// A Service whose pods are still to come, and the controller that would make them.
    private func awaited(replicas: Int? = nil) -> [JSONValue] {
        [
            strict, namespace("default", ["istio-injection": "enabled"]),
            pod("default/api-0", "sidecar"),
            workload("Deployment", "default/web", labels: ["app": "web"], replicas: replicas),
            service("default/web", app: "web"),
        ]
    }

    @Test("a Service whose pods are still to come is judged by their template, and says so")
    func awaitedPods() async throws {
        let report = try await explain(awaited(), "default/pod/api-0")
        let endpoint = try #require(report["endpoints"]?.array?.first)
        #expect(endpoint["pod"] == .null)
        #expect(endpoint["template"] == "default/Deployment/web")
        #expect(endpoint["sent"] == "mtls")
        #expect(endpoint["outcome"] == "carried")
        let assumptions = (report["assumptions"]?.array ?? []).compactMap(\.string)
        #expect(assumptions.contains { $0.contains("default/web has no EndpointSlices") })
        #expect(assumptions.contains { $0.contains("default/web has no pods") })
        #expect(
            try await verdict(awaited(), "external", "default/deployment/web:3000")
                == "plaintext refused strict-refuses-plaintext")
    }

    @Test(
        "templates are no endpoints where pods are not ready, or where the cluster says there is none"
    )
    func notAwaited() async throws {
        let slice: JSONValue = [
            "kind": "EndpointSlice",
            "metadata": [
                "name": "web-1", "namespace": "default",
                "labels": ["kubernetes.io/service-name": "web"],
            ], "ports": [["name": "http", "port": 3000]], "endpoints": [],
        ]
        var late = pod("default/web-0", "sidecar", app: "web")
        late["status"] = [
            "phase": "Running", "conditions": [["type": "Ready", "status": "False"]],
        ]
        for objects in [awaited() + [slice], awaited() + [late], awaited(replicas: 0)] {
            let report = try await explain(objects, "default/pod/api-0")
            #expect(report["endpoints"] == [])
            #expect(report["reason"] == "no-endpoints")
        }
    }

    @Test("no endpoints is an unknown outcome with its reason")
    func noEndpoints() async throws {
        let report = try await explain([service("default/web", app: "web")], "external")
        #expect(report["endpoints"] == [])
        #expect(report["outcome"] == "unknown")
        #expect(report["reason"] == "no-endpoints")
    }

    @Test(
        "what cannot be asked is said, with what can",
        arguments: [
            ("nonsense", "default/service/web:80", 64, "names no client"),
            ("default/deploymnt/x", "default/service/web:80", 64, "did you mean deployment?"),
            ("default/service/web", "default/service/web:80", 64, "names no client"),
            ("default/pod/web:80", "default/service/web:80", 64, "names no client"),
            ("external", "default/web:80", 64, "names no server"),
            ("external", "default/service/web", 64, "names no server"),
            ("external", "default/deployment/none:80", 1, "Deployment default/none is not in"),
            ("external", "default/service/web:99999999999999999999", 64, "names no server"),
            ("external", "default/service/web:81", 1, "has no port 81; it has 80"),
            ("external", "default/service/none:80", 1, "Service default/none is not in"),
            ("external", "shop/service/web:80", 1, "did you mean default/web?"),
            ("external", "default/service/wbe:80", 1, "did you mean default/web?"),
            ("default/pod/none", "default/service/web:80", 1, "Pod default/none is not in"),
            ("default/job/none", "default/service/web:80", 1, "Job default/none is not in"),
        ] as [(String, String, Int32, String)])
    func mistakes(from: String, to: String, code: Int32, words: String) async throws {
        let result = try await run([service("default/web", app: "web")], from, to)
        #expect(result.code == code)
        #expect(result.errors.contains(words), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test(
        "a sandbox is asked through its API, endpoints and all",
        arguments: [
            ("home-cluster", "default/service/mirai-frontend:80"),
            ("resilient-platform", "resilient-platform/service/frontend:3000"),
        ])
    func sandbox(name: String, to: String) async throws {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let result = await meshctl.run(
            ["explain", "--sandbox", name, "--from", "external", "--to", to, "-o", "json"])
        #expect(result.code == 0, "\(result.errors)")
        let report = try JSONValue(parsing: Array(result.output.utf8))
        #expect(report["endpoints"]?.array?.isEmpty == false)
        #expect(report["outcome"] == "carried")
        #expect(!result.output.contains("has no EndpointSlices"))
    }
}
