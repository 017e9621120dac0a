import JSON
import MeshModel
import MeshResources

/// The objects that decide about traffic, as they were at one moment.
struct TrafficWorld {
    private(set) var objects: [ObjectKey: JSONValue] = [:]

    init(_ cluster: SandboxCluster) {
        for resource in Self.resources {
            for (key, object) in cluster.objects[resource] ?? [:]
            where TrafficRelevance(key, object) != nil {
                var object = object
                // Larger than all else, and no proxy reads it.
                object.set(["metadata", "managedFields"], nil)
                objects[key] = object
            }
        }
    }

    private static let resources = [
        "pods", "endpointslices.discovery.k8s.io", "services", "namespaces",
        "peerauthentications.security.istio.io", "destinationrules.networking.istio.io",
        "serviceentries.networking.istio.io", "sidecars.networking.istio.io", "configmaps",
        "deployments.apps",
    ]

    /// Puts an object in its place (nil takes it away) and gives the one that was there.
    @discardableResult
    mutating func exchange(_ key: ObjectKey, _ object: JSONValue?) -> JSONValue? {
        let old = objects[key]
        objects[key] = object
        return old
    }

    func pod(_ pod: Pod) -> JSONValue? {
        objects[
            ObjectKey(resource: "pods", namespace: pod.meta.namespace, name: pod.meta.name)]
    }
}

/// Objects as the model has them, so that a change costs no more than itself to look at again.
struct TrafficReader: Sendable {
    private var pods: [String: Pod] = [:]
    private var slices: [String: EndpointSlice] = [:]
    private var configuration: (versions: [String], state: MeshState)?

    mutating func index(of world: TrafficWorld) -> FlowIndex {
        var rest: [JSONValue] = []
        var found: (pods: [Pod], slices: [EndpointSlice]) = ([], [])
        var kept = TrafficReader()
        for (key, object) in world.objects.sorted(by: { $0.key < $1.key }) {
            let version = "\(object.uid)@\(object.resourceVersion)"
            switch key.resource {
            case "pods":
                guard let pod = pods[version] ?? Self.pod(object) else { continue }
                kept.pods[version] = pod
                found.pods.append(pod)
            case "endpointslices.discovery.k8s.io":
                guard let slice = slices[version] ?? Self.slice(object) else { continue }
                kept.slices[version] = slice
                found.slices.append(slice)
            default: rest.append(object)
            }
        }
        let versions = rest.map { "\($0.uid)@\($0.resourceVersion)" }
        if let configuration, configuration.versions == versions {
            kept.configuration = configuration
        } else {
            kept.configuration = (versions, Self.state(of: rest))
        }
        self = kept
        var state = kept.configuration?.state ?? MeshState()
        state.pods = found.pods
        state.flows.endpointSlices = found.slices
        return FlowIndex(state)
    }

    // What cannot be read is not there for the proxies either.

    private static func pod(_ object: JSONValue) -> Pod? {
        try? object.decoded(as: PodResource.self).pod
    }

    private static func slice(_ object: JSONValue) -> EndpointSlice? {
        try? object.decoded(as: EndpointSliceResource.self).slice
    }

    private static func state(of objects: [JSONValue]) -> MeshState {
        var builder = MeshStateBuilder()
        for object in objects { try? builder.add(object) }
        return builder.state()
    }
}
