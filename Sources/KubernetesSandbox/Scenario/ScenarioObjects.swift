import JSON

/// The full objects that the short forms of a scenario file stand for.
enum ScenarioObjects {
    static func node(_ name: String, _ index: Int) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Node",
            "metadata": [
                "name": .string(name),
                "labels": [
                    "kubernetes.io/hostname": .string(name), "kubernetes.io/os": "linux",
                ],
            ],
            "spec": [:],
            "status": [
                "conditions": [["type": "Ready", "status": "True", "reason": "KubeletReady"]],
                "addresses": [
                    ["type": "InternalIP", "address": .string("192.168.1.\(10 + index)")]
                ],
                "nodeInfo": ["kubeletVersion": "v1.31.4", "osImage": "Debian GNU/Linux 12"],
            ],
        ]
    }

    static func namespace(_ name: String, _ labels: [String: String]) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": ["name": .string(name), "labels": JSONValue(labels)],
        ]
    }

    /// A controller, or a bare Pod, and with `service` the Service in front of it.
    static func workload(_ name: String, _ entry: JSONValue, in namespace: String) -> [JSONValue] {
        let kind = entry["kind"]?.string ?? "Deployment"
        let labels = entry["labels"]?.stringMap ?? ["app": name]
        let metadata: JSONValue = [
            "name": .string(name), "namespace": .string(namespace), "labels": JSONValue(labels),
        ]
        let template: JSONValue = [
            "metadata": podMetadata(entry, labels), "spec": podSpec(name, entry),
        ]
        var object: JSONValue
        if kind == "Pod" {
            object = ["apiVersion": "v1", "kind": "Pod", "metadata": metadata]
            object["spec"] = template["spec"]
            object.set(["metadata", "annotations"], entry["annotations"])
        } else {
            object = [
                "apiVersion": "apps/v1", "kind": .string(kind), "metadata": metadata,
                "spec": ["selector": ["matchLabels": JSONValue(labels)], "template": template],
            ]
            if kind != "DaemonSet" {
                object.set(["spec", "replicas"], entry["replicas"] ?? 1)
            }
            if kind == "StatefulSet" { object.set(["spec", "serviceName"], .string(name)) }
        }
        guard let front = entry["service"] else { return [object] }
        return [service(name, front, labels, in: namespace), object]
    }

    private static func podMetadata(_ entry: JSONValue, _ labels: [String: String]) -> JSONValue {
        let extra = entry["podLabels"]?.stringMap ?? [:]
        var metadata: JSONValue = ["labels": JSONValue(labels.merging(extra) { $1 })]
        metadata["annotations"] = entry["annotations"]
        return metadata
    }

    private static func podSpec(_ name: String, _ entry: JSONValue) -> JSONValue {
        var container: JSONValue = [
            "name": entry["container"] ?? .string(name), "image": entry["image"] ?? "app:1",
        ]
        if let ports = entry["ports"]?.object {
            container["ports"] = .array(
                ports.sorted { $0.key < $1.key }.map { port, number in
                    ["name": .string(port), "containerPort": number]
                })
        }
        container["args"] = entry["args"]
        if let variables = entry["env"]?.object {
            container["env"] = .array(
                variables.sorted { $0.key < $1.key }.map { variable, value in
                    ["name": .string(variable), "value": value]
                })
        }
        var spec: JSONValue = ["containers": [container]]
        if entry["hostNetwork"] == true { spec["hostNetwork"] = true }
        return spec
    }

    /// `service: {type: NodePort, headless: true, ports: {http: {port: 80, target: 3000}}}`
    private static func service(
        _ name: String, _ entry: JSONValue, _ labels: [String: String], in namespace: String
    ) -> JSONValue {
        let ports = (entry["ports"]?.object ?? [:]).sorted { $0.key < $1.key }.map {
            port, value -> JSONValue in
            var document: JSONValue = [
                "name": .string(port), "port": value["port"] ?? value,
                "targetPort": value["target"] ?? value["port"] ?? value,
            ]
            document["nodePort"] = value["node"]
            return document
        }
        var spec: JSONValue = [
            "type": entry["type"] ?? "ClusterIP", "selector": JSONValue(labels),
            "ports": .array(ports),
        ]
        if entry["headless"] == true { spec["clusterIP"] = "None" }
        return [
            "apiVersion": "v1", "kind": "Service",
            "metadata": [
                "name": entry["name"] ?? .string(name), "namespace": .string(namespace),
                "labels": JSONValue(labels),
            ],
            "spec": spec,
        ]
    }
}
