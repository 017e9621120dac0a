import JSON

/// The columns between Name and Age, per kind.
enum TableColumns {
    static func of(_ resource: SandboxResource) -> [Column] {
        switch resource.qualifiedName {
        case "namespaces": [Column("Status") { text($0, "status", "phase") }]
        case "nodes": nodes
        case "pods": pods
        case "services": services
        case "configmaps":
            [Column("Data", number: true) { JSONValue(($0["data"]?.object ?? [:]).count) }]
        case "serviceaccounts": [Column("Secrets", number: true) { _ in 0 }]
        case "deployments.apps": deployments
        case "replicasets.apps":
            [
                number("Desired", "spec", "replicas"), number("Current", "status", "replicas"),
                number("Ready", "status", "readyReplicas"),
            ]
        case "statefulsets.apps":
            [Column("Ready") { ratio($0, "readyReplicas", $0["spec"]?["replicas"].int(0) ?? 0) }]
        case "daemonsets.apps":
            [
                number("Desired", "status", "desiredNumberScheduled"),
                number("Current", "status", "currentNumberScheduled"),
                number("Ready", "status", "numberReady"),
                number("Up-to-date", "status", "updatedNumberScheduled"),
                number("Available", "status", "numberAvailable"),
            ]
        case "peerauthentications.security.istio.io":
            [Column("Mode") { text($0, "spec", "mtls", "mode") }]
        case "leases.coordination.k8s.io":
            [Column("Holder") { text($0, "spec", "holderIdentity") }]
        default: []
        }
    }

    private static func text(_ object: JSONValue, _ path: String...) -> JSONValue {
        object.value(at: path) ?? ""
    }

    private static func number(_ name: String, _ path: String...) -> Column {
        Column(name, number: true) { object in object.value(at: path) ?? 0 }
    }

    private static func ratio(_ object: JSONValue, _ ready: String, _ all: Int) -> JSONValue {
        .string("\(object["status"]?[ready].int(0) ?? 0)/\(all)")
    }

    private static var nodes: [Column] {
        [
            Column("Status") { node in
                let conditions = node["status"]?["conditions"]?.array ?? []
                let ready = conditions.first { $0["type"] == "Ready" }
                return ready?["status"] == "True" ? "Ready" : "NotReady"
            },
            Column("Roles") { _ in "<none>" },
            Column("Version") { text($0, "status", "nodeInfo", "kubeletVersion") },
        ]
    }

    private static var pods: [Column] {
        [
            Column("Ready") { pod in
                let statuses = containerStatuses(pod)
                let ready = statuses.count { $0["ready"] == true }
                return .string("\(ready)/\(max(statuses.count, containers(pod)))")
            },
            Column("Status") { pod in
                if pod.isTerminating { return "Terminating" }
                let phase = text(pod, "status", "phase")
                if phase == "Succeeded" { return "Completed" }
                if phase == "Failed" { return "Error" }
                if phase == "Pending", pod["spec"]?["nodeName"] != nil {
                    return "ContainerCreating"
                }
                return phase
            },
            Column("Restarts", number: true) { _ in 0 },
            Column("IP", wide: true) { text($0, "status", "podIP") },
            Column("Node", wide: true) { text($0, "spec", "nodeName") },
        ]
    }

    /// Main containers and native sidecars, as kubectl counts them.
    private static func containers(_ pod: JSONValue) -> Int {
        let sidecars = (pod["spec"]?["initContainers"]?.array ?? []).count {
            $0["restartPolicy"] == "Always"
        }
        return (pod["spec"]?["containers"]?.array ?? []).count + sidecars
    }

    private static func containerStatuses(_ pod: JSONValue) -> [JSONValue] {
        let sidecars = Set(
            (pod["spec"]?["initContainers"]?.array ?? []).filter {
                $0["restartPolicy"] == "Always"
            }.map { $0["name"] })
        return (pod["status"]?["containerStatuses"]?.array ?? [])
            + (pod["status"]?["initContainerStatuses"]?.array ?? []).filter {
                sidecars.contains($0["name"])
            }
    }

    private static var services: [Column] {
        [
            Column("Type") { text($0, "spec", "type") },
            Column("Cluster-IP") { text($0, "spec", "clusterIP") },
            Column("External-IP") { _ in "<none>" },
            Column("Port(s)") { service in
                let ports = (service["spec"]?["ports"]?.array ?? []).map { port -> String in
                    let node = port["nodePort"].map { ":\($0.canonicalText)" } ?? ""
                    return (port["port"]?.canonicalText ?? "") + node + "/"
                        + (port["protocol"]?.string ?? "TCP")
                }
                return .string(ports.joined(separator: ","))
            },
        ]
    }

    private static var deployments: [Column] {
        [
            Column("Ready") { ratio($0, "readyReplicas", $0["spec"]?["replicas"].int(0) ?? 0) },
            number("Up-to-date", "status", "updatedReplicas"),
            number("Available", "status", "availableReplicas"),
        ]
    }
}
