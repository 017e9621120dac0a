import JSON
import KubernetesSandbox

/// What of a cluster has to be exactly as it was, or exactly as it is wanted: labels and annotations of
/// namespaces; labels, annotations and spec of policies; the spec of workloads but for the time of a restart; and
/// in which data plane pods are. By text, so that it can be compared and told.
struct ClusterImage: Sendable, Equatable {
    private(set) var parts: [String: JSONValue] = [:]

    init(_ cluster: SandboxCluster) {
        for (key, object) in cluster.allObjects.sorted(by: { $0.key < $1.key }) {
            guard key.namespace != Self.stateNamespace, key.name != Self.stateNamespace else {
                continue
            }
            add(key, object)
        }
    }

    /// meshctl's own.
    private static let stateNamespace = "meshctl-system"

    private mutating func add(_ key: ObjectKey, _ object: JSONValue) {
        let name = "\(key.resource) \(key.namespace)/\(key.name)"
        switch key.resource {
        case "namespaces": parts[name] = Self.metadata(of: object)
        case "deployments.apps", "statefulsets.apps", "daemonsets.apps":
            var spec = object["spec"] ?? [:]
            if var template = spec["template"], var metadata = template["metadata"] {
                var annotations = metadata["annotations"]?.object ?? [:]
                annotations["kubectl.kubernetes.io/restartedAt"] = nil
                metadata["annotations"] = annotations.isEmpty ? nil : .object(annotations)
                template["metadata"] = metadata
                spec["template"] = template
            }
            parts[name] = spec
        case "pods":
            let application = object[path: "metadata", "labels", "app"]?.string ?? key.name
            let plane = "data plane of \(key.namespace)/\(application)"
            var planes = Set((parts[plane]?.array ?? []).compactMap(\.string))
            planes.insert(Self.dataplane(of: object))
            parts[plane] = .array(planes.sorted().map(JSONValue.string))
        default:
            guard key.resource.hasSuffix(".istio.io") else { return }
            var part = Self.metadata(of: object)
            part["spec"] = object["spec"]
            parts[name] = part
        }
    }

    private static func metadata(of object: JSONValue) -> JSONValue {
        var part: JSONValue = [:]
        for member in ["labels", "annotations"] {
            let values = object[path: "metadata", member]?.object ?? [:]
            if !values.isEmpty { part[member] = .object(values) }
        }
        return part
    }

    private static func dataplane(of pod: JSONValue) -> String {
        let containers =
            (pod[path: "spec", "containers"]?.array ?? [])
            + (pod[path: "spec", "initContainers"]?.array ?? [])
        if containers.contains(where: { $0["name"] == "istio-proxy" }) { return "sidecar" }
        let annotations = pod[path: "metadata", "annotations"]
        return annotations?["ambient.istio.io/redirection"] == "enabled" ? "ambient" : "none"
    }

    /// Somebody else's label on a namespace, or annotation of a policy, which has to be there still.
    mutating func expect(_ part: String, _ member: String, _ key: String, _ value: String) {
        guard var object = parts[part] else { return }
        var values = object[member] ?? [:]
        values[key] = .string(value)
        object[member] = values
        parts[part] = object
    }

    mutating func expect(_ part: String, _ value: JSONValue?) { parts[part] = value }

    /// What differs from what is expected, a line each.
    func differences(from expected: ClusterImage) -> [String] {
        Set(parts.keys).union(expected.parts.keys).sorted().compactMap { name in
            guard parts[name] != expected.parts[name] else { return nil }
            let (wanted, found) = (expected.parts[name], parts[name])
            return "\(name): expected \(wanted?.canonicalText ?? "nothing"), "
                + "found \(found?.canonicalText ?? "nothing")"
        }
    }
}
