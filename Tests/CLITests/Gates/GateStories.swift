import JSON
import MeshModel
import SandboxServer
import Testing

extension GateStory {
    static let all: [GateStory] =
        controlPlane + dataPlane + pods + traffic + requests + people

    private static let istio = "/api/v1/namespaces/istio-system/pods"
    private static let platform = "resilient-platform"

    private static let neverReady: JSONValue = [
        "spec": [
            "template": [
                "metadata": ["annotations": ["sandbox.meshctl.dev/never-ready": "true"]]
            ]
        ]
    ]

    // MARK: - Istio's parts and the cluster's

    private static let controlPlane = [
        GateStory(gate: .controlPlaneReady, outcome: .pass),
        GateStory(gate: .controlPlaneReady, outcome: .fail) { _, sandbox in
            try sandbox.patch(
                "/apis/apps/v1/namespaces/istio-system/deployments/istiod",
                ["spec": ["replicas": 0]])
            try await sandbox.pass(.seconds(10))
        },
        GateStory(gate: .controlPlaneReady, outcome: .inconclusive) { _, sandbox in
            try sandbox.forbid("\(istio)/istiod")
        },
        GateStory(gate: .dnsReady, outcome: .pass),
        GateStory(gate: .dnsReady, outcome: .fail) { _, sandbox in
            try sandbox.switchOn("dns-down")
        },
        GateStory(
            gate: .dnsReady, outcome: .inconclusive,
            plan: .gates("dns-ready: {selector: {app: our-dns}}")),
    ]

    // MARK: - The ambient data plane

    private static let dataPlane = [
        GateStory(gate: .cniReady, outcome: .pass),
        GateStory(gate: .cniReady, outcome: .fail) { _, sandbox in
            try sandbox.patch(
                "/apis/apps/v1/namespaces/istio-system/daemonsets/istio-cni-node", neverReady)
            try await sandbox.pass(.seconds(30))
        },
        GateStory(gate: .cniReady, outcome: .inconclusive) { _, sandbox in
            try sandbox.forbid("/api/v1/nodes")
        },
        GateStory(gate: .ztunnelReady, outcome: .pass),
        GateStory(gate: .ztunnelReady, outcome: .fail) { _, sandbox in
            try sandbox.switchOn("ztunnel-not-ready", "kube-1")
        },
        GateStory(gate: .ztunnelReady, outcome: .inconclusive) { _, sandbox in
            try sandbox.forbid("\(istio)/ztunnel")
        },
        GateStory(gate: .ztunnelLogs, outcome: .pass),
        GateStory(gate: .ztunnelLogs, outcome: .fail) { _, sandbox in
            try sandbox.switchOn("xds-errors", "kube-1")
            try await sandbox.pass(.seconds(60))
        },
        GateStory(gate: .ztunnelLogs, outcome: .inconclusive) { _, sandbox in
            try sandbox.forbid("\(istio)/ztunnel")
        },
        GateStory(gate: .policy15008, outcome: .pass),
        GateStory(gate: .policy15008, outcome: .fail) { _, sandbox in
            try sandbox.send(
                "POST", "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
                [
                    "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                    "metadata": ["name": "api", "namespace": "default"],
                    "spec": [
                        "podSelector": ["matchLabels": ["app": "mirai-api"]],
                        "ingress": [["ports": [["port": 8080]]]],
                    ],
                ])
        },
        GateStory(gate: .policy15008, outcome: .inconclusive) { _, sandbox in
            try sandbox.forbid("/apis/networking.k8s.io/v1/networkpolicies")
        },
    ]

    // MARK: - The pods of the mesh

    private static let pods = [
        GateStory(gate: .enrolled, outcome: .pass),
        GateStory(gate: .enrolled, outcome: .fail, scenario: platform) { _, sandbox in
            try sandbox.patch(
                LiveSandbox.namespace(platform),
                ["metadata": ["labels": ["istio-injection": "enabled"]]])
        },
        GateStory(gate: .enrolled, outcome: .inconclusive) { _, sandbox in
            try sandbox.forbid("/api/v1/configmaps")
        },
        GateStory(gate: .workloadsReady, outcome: .pass),
        GateStory(gate: .workloadsReady, outcome: .fail) { _, sandbox in
            try sandbox.patch(
                "/apis/apps/v1/namespaces/default/deployments/mirai-api", neverReady)
            try await sandbox.pass(.seconds(30))
        },
        GateStory(gate: .workloadsReady, outcome: .inconclusive) { _, sandbox in
            let path = "/api/v1/namespaces/default/pods"
            try sandbox.send(
                "POST", path,
                [
                    "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "console"],
                    "spec": ["containers": [["name": "console", "image": "console:1"]]],
                ])
            try await sandbox.pass(.seconds(10))
            try sandbox.patch("\(path)/console/status", ["status": .null])
        },
        GateStory(gate: .injectable, outcome: .pass, scenario: platform, command: .apply()),
        GateStory(gate: .injectable, outcome: .fail, scenario: platform, command: .apply()) {
            _, sandbox in
            try sandbox.send(
                "POST", "/api/v1/namespaces/\(platform)/resourcequotas",
                [
                    "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "small"],
                    "spec": ["hard": ["pods": "5"]],
                ])
        },
        GateStory(
            gate: .injectable, outcome: .inconclusive, scenario: platform, command: .apply()
        ) { _, sandbox in
            try sandbox.switchOn(
                "api-status", "405", "POST", "/api/v1/namespaces/\(platform)/pods")
        },
    ]

    // MARK: - Traffic

    private static let traffic = [
        GateStory(gate: .noPlaintext, outcome: .pass),
        GateStory(
            gate: .noPlaintext, outcome: .fail, plan: .withoutException),
        GateStory(gate: .noPlaintext, outcome: .inconclusive) { _, sandbox in
            try sandbox.forbid("\(istio)/ztunnel")
        },
        GateStory(gate: .flowsCarried, outcome: .pass, command: .apply()),
        GateStory(
            gate: .flowsCarried, outcome: .fail, command: .apply(approving: ["strict"]),
            plan: .gates("approval: [{name: strict, before: {stage: strict}}]")
        ) { meshctl, sandbox in
            // The run is stopped between two stages when a client is taken out of the mesh.
            meshctl.approvals = []
            let stopped = await meshctl("apply", "--yes")
            #expect(stopped.code == 3, "\(stopped.errors)")
            try sandbox.patch(
                "/apis/apps/v1/namespaces/default/deployments/mirai-frontend",
                [
                    "spec": [
                        "template": [
                            "metadata": ["labels": ["istio.io/dataplane-mode": "none"]]
                        ]
                    ]
                ])
            try await sandbox.pass(.seconds(3600))
        },
        GateStory(gate: .flowsCarried, outcome: .inconclusive, command: .apply()) { _, sandbox in
            try sandbox.forbid("/apis/networking.k8s.io/v1/ingresses")
        },
    ]

    // MARK: - Requests of the plan's own

    private static func probe(from namespace: String, _ more: String = "") -> String {
        """
        probe:
              - from: {namespace: \(namespace), image: curlimages/curl}
                to: http://mirai-api.default.svc.cluster.local:8080\(more)
        """
    }

    private static let requests = [
        GateStory(
            gate: .probe, outcome: .pass, plan: .gates(probe(from: "default"))),
        GateStory(
            gate: .probe, outcome: .pass, variant: "refused", command: .apply(),
            plan: .gates(probe(from: "ingress", "\n        expect: refused"))),
        GateStory(
            gate: .probe, outcome: .fail, plan: .gates(probe(from: "ingress"))
        ) { _, sandbox in
            try sandbox.makePolicy("default/default", ["mtls": ["mode": "STRICT"]])
            try await sandbox.pass(.seconds(5))
        },
        GateStory(
            gate: .probe, outcome: .fail, variant: "dns",
            plan: .gates(probe(from: "default"))
        ) { _, sandbox in try sandbox.switchOn("dns-down") },
        GateStory(
            gate: .probe, outcome: .inconclusive, plan: .gates(probe(from: "default"))
        ) { _, sandbox in
            try sandbox.switchOn("api-status", "403", "POST", "/api/v1/namespaces/default/pods")
        },
        GateStory(
            gate: .probe, outcome: .inconclusive, variant: "uncaptured",
            plan: .gates(probe(from: "monitoring"))
        ) { _, sandbox in
            try sandbox.makePolicy("default/default", ["mtls": ["mode": "STRICT"]])
            for node in ["kube-1", "kube-2"] { try sandbox.switchOn("ztunnel-not-ready", node) }
            try await sandbox.pass(.seconds(5))
        },
        GateStory(gate: .prometheus, outcome: .pass, plan: .gates(query)) { meshctl, sandbox in
            try meshctl.answerQueries(with: "0.002", sandbox)
        },
        GateStory(gate: .prometheus, outcome: .fail, plan: .gates(query)) { meshctl, sandbox in
            try meshctl.answerQueries(with: "0.25", sandbox)
        },
        GateStory(gate: .prometheus, outcome: .inconclusive, plan: .gates(query)) { _, sandbox in
            try sandbox.forbid("/api/v1/namespaces/monitoring/services")
        },
    ]

    private static let query = """
        prometheusServer: {namespace: monitoring, service: prometheus, port: 9090}
            prometheus:
              - name: errors
                query: sum(rate(http_requests_total{code=~"5.."}[5m]))
                maximum: 0.01
        """

    // MARK: - A person's word

    private static let people = [
        GateStory(gate: .approval, outcome: .pass, scenario: platform, command: .apply()),
        GateStory(
            gate: .approval, outcome: .fail, scenario: platform,
            command: .apply(approving: [], prompt: "no")),
        GateStory(
            gate: .approval, outcome: .inconclusive, scenario: platform,
            command: .apply(approving: [])),
    ]
}

extension String {
    /// An example plan with more under `gates`.
    func withGates(_ text: String) -> String {
        contains("  gates:\n")
            ? replacing("  gates:\n", with: "  gates:\n    \(text)\n")
            : self + "  gates:\n    \(text)\n"
    }
}

extension TestCommand {
    /// A Prometheus in the cluster that answers each query with one value.
    func answerQueries(with value: String, _ sandbox: LiveSandbox) throws {
        let body = """
            {"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[0,"\(value)"]}]}}
            """
        let answer =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let relay = try RelayServer(
            to: sandbox.session.port,
            RelayServer.Hooks(answer: { line, bytes in
                guard line.hasSuffix("/api/v1/query") else { return bytes }
                return bytes.starts(with: "HTTP/1.1".utf8) ? Array(answer.utf8) : []
            }))
        try write(
            WrongInputTests.kubeconfig(
                "server: http://127.0.0.1:\(relay.port)", user: "token: sandbox"),
            to: ".kube/config")
    }
}
