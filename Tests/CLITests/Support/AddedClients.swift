import Foundation
import JSON
import Testing

/// Objects that somebody adds to a scenario's cluster, and what `plan` then says.
protocol AddedClients {}

/// What `plan -o json` says, as far as these tests ask.
struct PlanReport {
    struct Hazard: Equatable {
        var code: String
        var severity: String
    }

    let code: Int32
    let json: JSONValue

    var isBlocked: Bool { json["blocked"] == true }
    var entries: [JSONValue] { json["hazards"]?.array ?? [] }
    var hazards: [Hazard] {
        entries.map {
            Hazard(code: $0["code"]?.string ?? "", severity: $0["severity"]?.string ?? "")
        }
    }
    var errors: [JSONValue] { entries.filter { $0["severity"] == "error" } }
    /// `stage action object`, in order.
    var steps: [String] {
        (json["steps"]?.array ?? []).map { step in
            ["stage", "action", "object"].map { step[$0]?.string ?? "" }.joined(separator: " ")
        }
    }

    func hazard(_ code: String) -> JSONValue? { entries.first { $0["code"] == .string(code) } }

    /// `BEFORE AFTER mtls plaintext refused` of the clients of a workload's port.
    func port(_ port: Int, of workload: String) -> String? {
        let change = json["effectiveChanges"]?.array?.first {
            $0["workload"] == .string(workload)
        }
        let found = change?["ports"]?.array?.first { $0["port"] == .integer(Int64(port)) }
        guard let found, let clients = found["clients"] else { return nil }
        let counts = ["mtls", "plaintext", "refused"].map { clients[$0]?.integer ?? -1 }
        return "\(found["before"]?.string ?? "") \(found["after"]?.string ?? "") "
            + counts.map(String.init).joined(separator: " ")
    }
}

extension AddedClients {
    /// The plan of a scenario's example file, after these objects were added and their pods are up.
    func plan(
        _ scenario: String, adding objects: [JSONValue],
        _ change: (String) throws -> String = { $0 }
    ) async throws -> PlanReport {
        let text = try change(ExamplePlan.text(scenario))
        var report: PlanReport?
        try await LiveSandbox.with(scenario, plan: text) { meshctl, sandbox in
            for object in objects { try sandbox.add(object) }
            try await sandbox.pass(.seconds(120))
            let result = await meshctl("plan", "-o", "json")
            #expect(!result.output.isEmpty, "\(result.errors)")
            report = PlanReport(
                code: result.code, json: try JSONValue(parsing: Array(result.output.utf8)))
        }
        let found = try #require(report)
        #expect(found.isBlocked == (found.code == 9))
        return found
    }

    /// The plan file with lines before `rollout`, as a part of `spec`.
    func inSpec(_ lines: String) -> (String) -> String {
        { $0.replacing("  rollout:\n", with: indented(lines, by: 2) + "  rollout:\n") }
    }

    /// The plan file with an entry's lines under a namespace that is named there. An exception goes to
    /// those that are there.
    func under(_ namespace: String, _ lines: String) -> (String) -> String {
        { text in
            let head = "    - name: \(namespace)\n"
            let parts = text.components(separatedBy: head)
            guard parts.count == 2 else { return text }
            let list = "      exceptions:\n"
            let end = parts[1].range(of: "\n    - name:")?.lowerBound ?? parts[1].endIndex
            guard lines.hasPrefix("exceptions:\n"),
                let there = parts[1][..<end].range(of: list)
            else { return parts[0] + head + indented(lines, by: 6) + parts[1] }
            let items = indented(String(lines.dropFirst("exceptions:\n".count)), by: 6)
            return parts[0] + head + parts[1][..<there.upperBound] + items
                + parts[1][there.upperBound...]
        }
    }

    /// What the remedy of a hazard says to paste, without its comments.
    func pasted(_ hazard: JSONValue?) throws -> String {
        try #require(hazard?["remedy"]?.string).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.joined(separator: "\n") + "\n"
    }

    private func indented(_ lines: String, by count: Int) -> String {
        lines.split(separator: "\n").map { String(repeating: " ", count: count) + $0 + "\n" }
            .joined()
    }

    // MARK: - Objects

    func injectedNamespace(_ name: String) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": ["name": .string(name), "labels": ["istio-injection": "enabled"]],
        ]
    }

    /// A controller of pods with the label `app`. `calls` is in their environment.
    func workload(
        _ kind: String, _ name: String, ports: [Int] = [], replicas: Int = 1,
        annotations: [String: String] = [:], calls: String? = nil, hostNetwork: Bool = false
    ) -> JSONValue {
        let (namespace, name) = split(name)
        var container: JSONValue = [
            "name": .string(name), "image": "example/app:1",
            "ports": .array(
                ports.map { ["name": .string("p\($0)"), "containerPort": .integer(Int64($0))] }),
        ]
        if let calls { container["env"] = [["name": "TARGET", "value": .string(calls)]] }
        var pod: JSONValue = ["containers": [container]]
        if hostNetwork { pod["hostNetwork"] = true }
        let labels: JSONValue = ["app": .string(name)]
        let meta: JSONValue = [
            "name": .string(name), "namespace": .string(namespace), "labels": labels,
        ]
        if kind == "CronJob" {
            pod["restartPolicy"] = "Never"
            let template: JSONValue = ["metadata": ["labels": labels], "spec": pod]
            return [
                "apiVersion": "batch/v1", "kind": "CronJob", "metadata": meta,
                "spec": [
                    "schedule": "0 * * * *", "jobTemplate": ["spec": ["template": template]],
                ],
            ]
        }
        var spec: JSONValue = [
            "selector": ["matchLabels": labels],
            "template": [
                "metadata": ["labels": labels, "annotations": JSONValue(annotations)], "spec": pod,
            ],
        ]
        if kind != "DaemonSet" { spec["replicas"] = .integer(Int64(replicas)) }
        if kind == "StatefulSet" { spec["serviceName"] = .string(name) }
        return ["apiVersion": "apps/v1", "kind": .string(kind), "metadata": meta, "spec": spec]
    }

    /// `ports` by name: the Service's and the container's.
    func service(
        _ name: String, selector: JSONValue? = nil, ports: [(name: String, port: Int, target: Int)],
        type: String = "ClusterIP", headless: Bool = false
    ) -> JSONValue {
        let (namespace, name) = split(name)
        var spec: JSONValue = [
            "type": .string(type), "selector": selector ?? ["app": .string(name)],
            "ports": .array(
                ports.map {
                    [
                        "name": .string($0.name), "port": .integer(Int64($0.port)),
                        "targetPort": .integer(Int64($0.target)),
                    ]
                }),
        ]
        if headless { spec["clusterIP"] = "None" }
        return [
            "apiVersion": "v1", "kind": "Service",
            "metadata": ["name": .string(name), "namespace": .string(namespace)], "spec": spec,
        ]
    }

    func webhook(for service: String) -> JSONValue {
        let (namespace, name) = split(service)
        return [
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration", "metadata": ["name": .string(name)],
            "webhooks": [
                [
                    "name": "validate.example.com", "failurePolicy": "Ignore",
                    "sideEffects": "None", "admissionReviewVersions": ["v1"],
                    "clientConfig": [
                        "service": [
                            "name": .string(name), "namespace": .string(namespace), "port": 443,
                        ]
                    ],
                    "rules": [
                        [
                            "operations": ["CREATE"], "apiGroups": ["example.com"],
                            "apiVersions": ["v1"], "resources": ["widgets"],
                        ]
                    ],
                ]
            ],
        ]
    }

    /// The static pod that shows that an API server runs on the node.
    func apiServer(on node: String) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": .string("kube-apiserver-\(node)"), "namespace": "kube-system",
                "labels": ["component": "kube-apiserver"],
            ],
            "spec": [
                "hostNetwork": true, "nodeName": .string(node),
                "containers": [["name": "kube-apiserver", "image": "kube-apiserver:v1.31.4"]],
            ],
        ]
    }

    private func split(_ name: String) -> (String, String) {
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        return (parts[0], parts[1])
    }
}

extension LiveSandbox {
    /// Creates the object, as its `apiVersion` and kind say.
    func add(_ object: JSONValue) throws {
        let version = try #require(object["apiVersion"]?.string)
        let kind = try #require(object["kind"]?.string)
        let namespace = object[path: "metadata", "namespace"]?.string
        try send(
            "POST",
            (version.contains("/") ? "/apis/" : "/api/") + version
                + (namespace.map { "/namespaces/\($0)" } ?? "") + "/\(kind.lowercased())s", object)
    }
}
