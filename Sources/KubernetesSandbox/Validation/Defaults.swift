import JSON

/// The defaults that an API server writes into built-in objects as it reads them.
enum Defaults {
    static func applied(to object: JSONValue, _ resource: SandboxResource) -> JSONValue {
        var object = object
        switch resource.qualifiedName {
        case "namespaces":
            object.setLabel("kubernetes.io/metadata.name", object.name)
        case "pods":
            object["spec"] = podSpec(object["spec"] ?? [:], ofPod: true)
        case "deployments.apps":
            fill(
                &object,
                [
                    ("replicas", 1), ("revisionHistoryLimit", 10), ("progressDeadlineSeconds", 600),
                    ("strategy", ["type": "RollingUpdate"]),
                ])
            rolling(&object, "strategy", ["maxUnavailable": "25%", "maxSurge": "25%"])
            template(&object)
        case "statefulsets.apps":
            fill(
                &object,
                [
                    ("replicas", 1), ("revisionHistoryLimit", 10),
                    ("podManagementPolicy", "OrderedReady"),
                    ("updateStrategy", ["type": "RollingUpdate"]),
                ])
            rolling(&object, "updateStrategy", ["partition": 0])
            template(&object)
        case "daemonsets.apps":
            fill(
                &object,
                [
                    ("revisionHistoryLimit", 10), ("updateStrategy", ["type": "RollingUpdate"]),
                ])
            rolling(&object, "updateStrategy", ["maxUnavailable": 1, "maxSurge": 0])
            template(&object)
        case "replicasets.apps":
            fill(&object, [("replicas", 1)])
            template(&object)
        case "jobs.batch":
            fill(&object, [("completions", 1), ("parallelism", 1), ("backoffLimit", 6)])
            template(&object)
        case "services": service(&object)
        default: break
        }
        return object
    }

    private static func fill(
        _ object: inout JSONValue, at path: [String] = ["spec"], _ values: [(String, JSONValue)]
    ) {
        for (key, value) in values where object.value(at: path + [key]) == nil {
            object.set(path + [key], value)
        }
    }

    private static func rolling(
        _ object: inout JSONValue, _ field: String, _ values: [(String, JSONValue)]
    ) {
        let strategy = object["spec"]?[field]
        guard (strategy?["type"]?.string ?? "RollingUpdate") == "RollingUpdate" else { return }
        fill(&object, at: ["spec", field], [("type", "RollingUpdate")])
        fill(&object, at: ["spec", field, "rollingUpdate"], values)
    }

    private static func rolling(
        _ object: inout JSONValue, _ field: String,
        _ values: KeyValuePairs<String, JSONValue>
    ) {
        rolling(&object, field, values.map { ($0.key, $0.value) })
    }

    private static func template(_ object: inout JSONValue) {
        guard let spec = object["spec"]?["template"]?["spec"] else { return }
        object.set(["spec", "template", "spec"], podSpec(spec, ofPod: false))
    }

    private static func podSpec(_ spec: JSONValue, ofPod: Bool) -> JSONValue {
        var spec = spec
        fill(
            &spec, at: [],
            [
                ("restartPolicy", "Always"), ("terminationGracePeriodSeconds", 30),
                ("dnsPolicy", "ClusterFirst"), ("securityContext", [:]),
                ("schedulerName", "default-scheduler"),
            ])
        if ofPod { fill(&spec, at: [], [("enableServiceLinks", true)]) }
        for list in ["containers", "initContainers"] {
            guard let containers = spec[list]?.array else { continue }
            spec[list] = .array(containers.map(container))
        }
        return spec
    }

    private static func container(_ container: JSONValue) -> JSONValue {
        guard container.object != nil else { return container }
        var container = container
        let image = container["image"]?.string ?? ""
        let tag = image.split(separator: "/").last?.split(separator: ":").dropFirst().first
        let floats = (tag == nil || tag == "latest") && !image.contains("@")
        fill(
            &container, at: [],
            [
                ("imagePullPolicy", floats ? "Always" : "IfNotPresent"), ("resources", [:]),
                ("terminationMessagePath", "/dev/termination-log"),
                ("terminationMessagePolicy", "File"),
            ])
        if let ports = container["ports"]?.array {
            container["ports"] = .array(ports.map(port))
        }
        return container
    }

    private static func port(_ port: JSONValue) -> JSONValue {
        guard port.object != nil, port["protocol"] == nil else { return port }
        var port = port
        port["protocol"] = "TCP"
        return port
    }

    private static func service(_ object: inout JSONValue) {
        fill(
            &object,
            [
                ("type", "ClusterIP"), ("sessionAffinity", "None"),
                ("internalTrafficPolicy", "Cluster"), ("ipFamilyPolicy", "SingleStack"),
                ("ipFamilies", ["IPv4"]),
            ])
        guard let ports = object["spec"]?["ports"]?.array else { return }
        let filled = ports.map { entry -> JSONValue in
            var entry = port(entry)
            if entry.object != nil, entry["targetPort"] == nil {
                entry["targetPort"] = entry["port"]
            }
            return entry
        }
        object.set(["spec", "ports"], .array(filled))
    }
}
