import JSON
import Timing

/// A write that may change what becomes of traffic, kept until the traffic up to it is counted.
struct TrafficChange: Sendable {
    /// The resourceVersion that it made.
    var version: Int64
    /// Milliseconds since 1970 from when the proxies act on it, on a whole second.
    var effective: Int64
    var resource: String
    var namespace: String
    var name: String
    /// The object before it, without its managed fields; nil where there was none.
    var old: JSONValue?

    var key: ObjectKey { ObjectKey(resource: resource, namespace: namespace, name: name) }

    /// nil for a write that no proxy cares about.
    init?(_ change: SandboxChange, at now: Timestamp) {
        guard let delay = Self.delay(of: change) else { return nil }
        version = change.resourceVersion
        (resource, namespace, name) = (change.key.resource, change.key.namespace, change.key.name)
        // Whole seconds, so that a rollout is a few moments and not hundreds.
        effective = ((now + delay).milliseconds + 999) / 1000 * 1000
        old = change.old
        old?.set(["metadata", "managedFields"], nil)
    }

    /// As it is stored.
    var document: JSONValue {
        var document: JSONValue = [
            "version": .integer(version), "effective": .integer(effective),
            "resource": .string(resource), "namespace": .string(namespace), "name": .string(name),
        ]
        document["old"] = old
        return document
    }

    init?(_ document: JSONValue) {
        guard let version = document["version"]?.integer,
            let effective = document["effective"]?.integer,
            let resource = document["resource"]?.string,
            let namespace = document["namespace"]?.string, let name = document["name"]?.string
        else { return nil }
        (self.version, self.effective) = (version, effective)
        (self.resource, self.namespace, self.name) = (resource, namespace, name)
        old = document["old"]
    }

    /// How long istiod and the proxies take to act on a change.
    private static func delay(of change: SandboxChange) -> Duration? {
        guard let relevance = TrafficRelevance(change.key, change.new ?? change.old) else {
            return nil
        }
        guard let old = change.old, let new = change.new else { return relevance.delay }
        return relevance.parts(of: old) == relevance.parts(of: new) ? nil : relevance.delay
    }
}

/// What of an object decides about traffic.
enum TrafficRelevance {
    /// It comes, goes and gets ready by itself: whoever connects meets it as it is.
    case pod
    case endpoints
    /// What istiod pushes to the proxies.
    case configuration

    init?(_ key: ObjectKey, _ object: JSONValue?) {
        switch key.resource {
        case "pods": self = .pod
        case "endpointslices.discovery.k8s.io": self = .endpoints
        case "services", "namespaces", "peerauthentications.security.istio.io",
            "destinationrules.networking.istio.io", "serviceentries.networking.istio.io",
            "sidecars.networking.istio.io":
            self = .configuration
        case "configmaps" where key.namespace == "istio-system": self = .configuration
        case "deployments.apps" where object?.labels["app"] == "istiod": self = .configuration
        default: return nil
        }
    }

    var delay: Duration { self == .configuration ? Delays.propagation : .zero }

    func parts(of object: JSONValue) -> [JSONValue?] {
        let labels = object.metadata["labels"]
        switch self {
        case .pod:
            return [
                labels, object.metadata["annotations"], object["status"]?["podIP"],
                object["status"]?["phase"], .bool(object.isReadyPod),
            ]
        case .endpoints: return [labels, object["endpoints"], object["ports"]]
        case .configuration: return [labels, object["spec"], object["data"]]
        }
    }
}
