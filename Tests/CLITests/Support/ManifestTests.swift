import JSON
import Testing

/// Manifests of a mesh, and what meshctl says of them.
protocol ManifestTests {}

extension ManifestTests {
    /// A pod's manifest; `plane` is what its live marks say.
    func pod(
        _ name: String, _ plane: String = "none", app: String? = nil, ip: String = "",
        node: String = "node-1", annotations: [String: String] = [:],
        labels: [String: String] = [:],
        hostNetwork: Bool = false, port: Int = 3000, portName: String = "web"
    ) -> JSONValue {
        let parts = name.split(separator: "/").map(String.init)
        var (annotations, labels) = (annotations, labels)
        if let app { labels["app"] = app }
        var containers: [JSONValue] = [
            [
                "name": "app",
                "ports": [["name": .string(portName), "containerPort": .integer(Int64(port))]],
            ]
        ]
        switch plane {
        case "sidecar":
            containers.append(["name": "istio-proxy"])
            annotations["sidecar.istio.io/status"] = "{}"
            labels["security.istio.io/tlsMode"] = "istio"
        case "ambient": annotations["ambient.istio.io/redirection"] = "enabled"
        default: break
        }
        return [
            "kind": "Pod",
            "metadata": [
                "name": .string(parts[1]), "namespace": .string(parts[0]),
                "labels": JSONValue(labels), "annotations": JSONValue(annotations),
            ],
            "spec": [
                "nodeName": .string(node), "hostNetwork": .bool(hostNetwork),
                "containers": .array(containers),
            ],
            "status": [
                "phase": "Running", "podIP": .string(ip),
                "conditions": [["type": "Ready", "status": "True"]],
            ],
        ]
    }

    func service(
        _ name: String, app: String, headless: Bool = false, portName: String = "http",
        target: JSONValue = 3000
    ) -> JSONValue {
        let parts = name.split(separator: "/").map(String.init)
        return [
            "apiVersion": "v1", "kind": "Service",
            "metadata": ["name": .string(parts[1]), "namespace": .string(parts[0])],
            "spec": [
                "clusterIP": headless ? "None" : "10.96.0.10", "selector": ["app": .string(app)],
                "ports": [["name": .string(portName), "port": 80, "targetPort": target]],
            ],
        ]
    }

    func policy(_ name: String, _ spec: JSONValue) -> JSONValue {
        let parts = name.split(separator: "/").map(String.init)
        return [
            "kind": "PeerAuthentication",
            "metadata": ["name": .string(parts[1]), "namespace": .string(parts[0])], "spec": spec,
        ]
    }

    func rule(_ name: String, host: String, _ policy: JSONValue) -> JSONValue {
        let parts = name.split(separator: "/").map(String.init)
        return [
            "kind": "DestinationRule",
            "metadata": ["name": .string(parts[1]), "namespace": .string(parts[0])],
            "spec": ["host": .string(host), "trafficPolicy": policy],
        ]
    }

    var strict: JSONValue { policy("default/default", ["mtls": ["mode": "STRICT"]]) }

    /// The same pod with a controller.
    func owned(_ pod: JSONValue, by kind: String, _ name: String) -> JSONValue {
        var pod = pod
        var metadata = pod["metadata"] ?? [:]
        metadata["ownerReferences"] = [
            ["kind": .string(kind), "name": .string(name), "controller": true]
        ]
        pod["metadata"] = metadata
        return pod
    }

    /// A controller; without `replicas` as many as Kubernetes takes by default.
    func workload(
        _ kind: String, _ name: String, labels: [String: String], replicas: Int? = nil
    ) -> JSONValue {
        let parts = name.split(separator: "/").map(String.init)
        var spec: JSONValue = ["template": ["metadata": ["labels": JSONValue(labels)]]]
        if let replicas { spec["replicas"] = .integer(Int64(replicas)) }
        return [
            "kind": .string(kind),
            "metadata": ["name": .string(parts[1]), "namespace": .string(parts[0])], "spec": spec,
        ]
    }

    func namespace(_ name: String, _ labels: [String: String] = [:]) -> JSONValue {
        [
            "kind": "Namespace",
            "metadata": ["name": .string(name), "labels": JSONValue(labels)],
        ]
    }

    /// A command on these manifests, and with this plan file where it is given.
    func meshctl(
        _ command: [String], on objects: [JSONValue], plan: String? = nil
    ) async throws -> TestCommand.Result {
        let meshctl = try TestCommand()
        defer { meshctl.remove() }
        let list: JSONValue = ["kind": "List", "items": .array(objects)]
        try meshctl.write(list.prettyText, to: "mesh.json")
        if let plan { try meshctl.write(plan, to: "plans/plan.yaml") }
        return await meshctl.run(command + ["--manifests", "mesh.json"])
    }

    func run(
        _ objects: [JSONValue], _ from: String, _ to: String, _ options: String...
    ) async throws -> TestCommand.Result {
        try await meshctl(["explain", "--from", from, "--to", to] + options, on: objects)
    }

    func explain(
        _ objects: [JSONValue], _ from: String, _ to: String = "default/service/web:80",
        send: String = "auto"
    ) async throws -> JSONValue {
        let result = try await run(objects, from, to, "-o", "json", "--send", send)
        #expect(result.code == 0, "\(result.errors)")
        return try JSONValue(parsing: Array(result.output.utf8))
    }

    /// `sent outcome reason` of the only endpoint.
    func verdict(
        _ objects: [JSONValue], _ from: String, _ to: String = "default/service/web:80",
        send: String = "auto"
    ) async throws -> String {
        let report = try await explain(objects, from, to, send: send)
        let endpoints = report["endpoints"]?.array ?? []
        #expect(endpoints.count == 1)
        let endpoint = endpoints.first ?? .null
        #expect(report["outcome"] == endpoint["outcome"])
        return ["sent", "outcome", "reason"].map { endpoint[$0]?.string ?? "?" }
            .joined(separator: " ")
    }
}
