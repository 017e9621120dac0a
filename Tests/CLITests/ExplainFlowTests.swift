import JSON
import Testing

/// The shapes that planners get wrong, each from manifests to JSON.
@Suite("explain --from --to")
struct ExplainFlowTests: ManifestTests {
    @Test("cloudflared outside the mesh is refused by STRICT in ambient, as the contract shows it")
    func cloudflared() async throws {
        let report = try await explain(
            [
                strict, pod("ingress/cloudflared-0"),
                pod("default/web-0", "ambient", app: "web", ip: "10.0.0.5"),
                service("default/web", app: "web"),
            ], "ingress/pod/cloudflared-0")
        #expect(report["formatVersion"] == "1.0")
        #expect(report["kind"] == "FlowExplanation")
        #expect(report["from"] == "ingress/pod/cloudflared-0")
        #expect(report["to"] == "default/service/web:80")
        #expect(report["outcome"] == "refused")
        let endpoint = try #require(report["endpoints"]?.array?.first)
        #expect(endpoint["pod"] == "default/web-0")
        #expect(endpoint["port"] == 3000)
        #expect(endpoint["sent"] == "plaintext")
        #expect(endpoint["mode"] == "STRICT")
        #expect(endpoint["reason"] == "strict-refuses-plaintext")
        let seen = (endpoint["seenAs"]?.array ?? []).compactMap(\.string)
        #expect(seen.contains("curl: (56) Recv failure: Connection reset by peer"))
        #expect(seen.contains { $0.contains("istio-system/istio_converted_static_strict") })
        let assumptions = (report["assumptions"]?.array ?? []).compactMap(\.string)
        #expect(assumptions.contains { $0.contains("default/web has no EndpointSlices") })
    }

    @Test("an exception is by the container's port: the Service's number does nothing")
    func exceptions() async throws {
        func exception(_ port: String) -> [JSONValue] {
            [
                policy(
                    "default/web",
                    [
                        "selector": ["matchLabels": ["app": "web"]], "mtls": ["mode": "STRICT"],
                        "portLevelMtls": [port: ["mode": "PERMISSIVE"]],
                    ]), pod("default/web-0", "sidecar", app: "web"),
                service("default/web", app: "web"),
            ]
        }
        #expect(
            try await verdict(exception("3000"), "external")
                == "plaintext carried plaintext-accepted")
        #expect(
            try await verdict(exception("80"), "external")
                == "plaintext refused strict-refuses-plaintext")
    }

    @Test("a NodePort's client is outside the mesh, unless --send says otherwise")
    func external() async throws {
        let mesh = [
            strict, pod("default/web-0", "sidecar", app: "web"), service("default/web", app: "web"),
        ]
        #expect(
            try await verdict(mesh, "external") == "plaintext refused strict-refuses-plaintext")
        #expect(
            try await verdict(mesh, "external", send: "istio-mtls") == "mtls carried mtls-accepted")
        #expect(
            try await verdict(mesh, "external", send: "TLS") == "tls refused strict-refuses-tls")
    }

    @Test(
        "an excluded port is open under STRICT, and automatic mTLS breaks it until a rule disables it"
    )
    func excludedPort() async throws {
        let mesh = [
            strict, pod("default/api-0", "sidecar"),
            pod(
                "default/web-0", "sidecar", app: "web",
                annotations: ["traffic.sidecar.istio.io/excludeInboundPorts": "3000"]),
            service("default/web", app: "web"),
        ]
        #expect(try await verdict(mesh, "external") == "plaintext carried port-not-intercepted")
        #expect(
            try await verdict(mesh, "default/pod/api-0") == "mtls garbled mtls-to-excluded-port")
        let disabled = rule(
            "default/web", host: "web",
            ["portLevelSettings": [["port": ["number": 80], "tls": ["mode": "DISABLE"]]]])
        #expect(
            try await verdict(mesh + [disabled], "default/pod/api-0")
                == "plaintext carried port-not-intercepted")
    }

    @Test("a DestinationRule's DISABLE is refused by STRICT sidecars, and has no say in ambient")
    func destinationRule() async throws {
        func mesh(_ plane: String) -> [JSONValue] {
            [
                strict, rule("istio-system/all", host: "*", ["tls": ["mode": "DISABLE"]]),
                pod("default/api-0", "sidecar"), pod("default/web-0", plane, app: "web"),
                service("default/web", app: "web"),
            ]
        }
        #expect(
            try await verdict(mesh("sidecar"), "default/pod/api-0")
                == "plaintext refused strict-refuses-plaintext")
        #expect(
            try await verdict(mesh("ambient"), "default/pod/api-0")
                == "hbone carried hbone-accepted")
    }

    @Test("behind a headless Service one pod without a sidecar makes plaintext of all: mixed")
    func headless() async throws {
        let objects = [
            strict, pod("default/api-0", "sidecar"),
            pod("default/web-0", "sidecar", app: "web", ip: "10.0.0.1"),
            pod("default/web-1", app: "web", ip: "10.0.0.2"),
            service("default/web", app: "web", headless: true, portName: "tcp"),
        ]
        let report = try await explain(objects, "default/pod/api-0")
        let endpoints = report["endpoints"]?.array ?? []
        #expect(endpoints.map { $0["sent"] } == ["plaintext", "plaintext"])
        #expect(endpoints.map { $0["outcome"] } == ["refused", "carried"])
        #expect(report["outcome"] == "mixed")
        // By pod address the same choice holds, since the Service's TCP port covers it.
        #expect(
            try await verdict(
                [objects[0], objects[1], objects[2], objects[4]], "default/pod/api-0",
                "default/pod/web-0:3000") == "mtls carried mtls-accepted")
    }

    @Test("a pod's address is passed through by sidecars, and known to ztunnel")
    func podAddress() async throws {
        func mesh(_ client: String, _ server: String) -> [JSONValue] {
            [
                strict, pod("default/api-0", client),
                pod("default/web-0", server, app: "web", ip: "10.0.0.5"),
                service("default/web", app: "web"),
            ]
        }
        let to = "default/pod/web-0:3000"
        #expect(
            try await verdict(mesh("sidecar", "sidecar"), "default/pod/api-0", to)
                == "plaintext refused strict-refuses-plaintext")
        #expect(
            try await verdict(mesh("ambient", "ambient"), "default/pod/api-0", to)
                == "hbone carried hbone-accepted")
        let registryOnly: JSONValue = [
            "kind": "ConfigMap", "metadata": ["name": "istio", "namespace": "istio-system"],
            "data": ["mesh": "outboundTrafficPolicy: {mode: REGISTRY_ONLY}"],
        ]
        #expect(
            try await verdict(mesh("sidecar", "none") + [registryOnly], "default/pod/api-0", to)
                == "plaintext refused registry-only")
    }

    @Test("a sidecar that was not restarted gets plaintext from ambient clients")
    func withoutTunnel() async throws {
        func mesh(_ labels: [String: String]) -> [JSONValue] {
            [
                strict, pod("default/api-0", "ambient"),
                pod("default/web-0", "sidecar", app: "web", labels: labels),
                service("default/web", app: "web"),
            ]
        }
        #expect(
            try await verdict(mesh([:]), "default/pod/api-0")
                == "plaintext refused strict-refuses-plaintext")
        #expect(
            try await verdict(mesh(["networking.istio.io/tunnel": "http"]), "default/pod/api-0")
                == "hbone carried hbone-accepted")
    }

    @Test("a node's own process reaches captured pods on its node only, and sidecars on none")
    func nodes() async throws {
        func mesh(_ plane: String, _ node: String = "node-1") -> [JSONValue] {
            [
                strict, pod("default/web-0", plane, app: "web", node: node),
                service("default/web", app: "web"),
                pod("kube-system/agent", node: "node-1", hostNetwork: true),
                pod("kube-system/lost", node: "", hostNetwork: true),
            ]
        }
        #expect(
            try await verdict(mesh("ambient"), "node/node-1") == "plaintext bypassed node-local")
        #expect(
            try await verdict(mesh("ambient"), "kube-system/pod/agent")
                == "plaintext bypassed node-local")
        #expect(
            try await verdict(mesh("ambient"), "node/node-2")
                == "plaintext refused strict-refuses-plaintext")
        #expect(
            try await verdict(mesh("sidecar"), "node/node-1")
                == "plaintext refused strict-refuses-plaintext")
        #expect(
            try await verdict(mesh("ambient", ""), "node/node-1")
                == "plaintext unknown node-unknown")
        #expect(
            try await verdict(mesh("ambient"), "kube-system/pod/lost")
                == "plaintext unknown node-unknown")
        #expect(
            try await verdict(mesh("ambient"), "apiserver")
                == "plaintext refused strict-refuses-plaintext")
        let server = pod("kube-system/kube-apiserver", labels: ["component": "kube-apiserver"])
        #expect(
            try await verdict(mesh("ambient") + [server], "apiserver")
                == "plaintext bypassed node-local")
    }

    @Test("DISABLE lets a sidecar's clients send plaintext; in ambient it is PERMISSIVE")
    func disable() async throws {
        let disable = policy("default/default", ["mtls": ["mode": "DISABLE"]])
        func mesh(_ plane: String) -> [JSONValue] {
            [
                disable, pod("default/api-0", plane), pod("default/web-0", plane, app: "web"),
                service("default/web", app: "web", portName: "tcp"),
            ]
        }
        #expect(
            try await verdict(mesh("sidecar"), "default/pod/api-0")
                == "plaintext carried plaintext-accepted")
        #expect(
            try await verdict(mesh("sidecar"), "external", send: "istio-mtls")
                == "mtls garbled mtls-not-terminated")
        let ambient = try await explain(mesh("ambient"), "default/pod/api-0")
        let endpoint = try #require(ambient["endpoints"]?.array?.first)
        #expect(endpoint["mode"] == "PERMISSIVE")
        #expect(endpoint["sent"] == "hbone")
    }

    @Test("a named target port is each pod's own")
    func namedPorts() async throws {
        let report = try await explain(
            [
                policy(
                    "default/web",
                    [
                        "selector": ["matchLabels": ["app": "web"]], "mtls": ["mode": "STRICT"],
                        "portLevelMtls": ["3001": ["mode": "PERMISSIVE"]],
                    ]), pod("default/web-0", "sidecar", app: "web", port: 3000),
                pod("default/web-1", "sidecar", app: "web", port: 3001),
                pod("default/web-2", "sidecar", app: "web", portName: "other"),
                service("default/web", app: "web", target: "web"),
            ], "external")
        let endpoints = report["endpoints"]?.array ?? []
        #expect(endpoints.map { $0["port"] } == [3000, 3001])
        #expect(endpoints.map { $0["mode"] } == ["STRICT", "PERMISSIVE"])
        #expect(report["outcome"] == "mixed")
    }

    @Test("a host outside the client's Sidecar leaves in plaintext")
    func egress() async throws {
        let scope: JSONValue = [
            "kind": "Sidecar", "metadata": ["name": "default", "namespace": "team-a"],
            "spec": ["egress": [["hosts": ["./*", "istio-system/*"]]]],
        ]
        let mesh = [
            strict, scope, pod("team-a/api-0", "sidecar"),
            pod("default/web-0", "sidecar", app: "web"), service("default/web", app: "web"),
        ]
        #expect(
            try await verdict(mesh, "team-a/pod/api-0")
                == "plaintext refused strict-refuses-plaintext")
        let report = try await explain(mesh, "team-a/pod/api-0")
        #expect(report["endpoints"]?.array?.first?["sentBecause"] == "outside-egress")
    }
}
