import JSON
import MeshModel

/// A DestinationRule, ServiceEntry or Sidecar of the cluster, without regard to its kind.
struct TrafficObject {
    var kind: TrafficKind
    var meta: ObjectMeta
    var image: PolicyImage

    var reference: ObjectReference {
        ObjectReference(kind: kind.rawValue, namespace: meta.namespace, name: meta.name)
    }

    init(_ kind: TrafficKind, meta: ObjectMeta, spec: JSONValue) {
        self.kind = kind
        self.meta = meta
        image = PolicyImage(labels: meta.labels, annotations: meta.annotations, spec: spec)
    }

    init(_ rule: DestinationRule) {
        self.init(.destinationRule, meta: rule.meta, spec: rule.spec)
    }

    init(_ entry: ServiceEntry) { self.init(.serviceEntry, meta: entry.meta, spec: entry.spec) }

    init(_ scope: SidecarScope) { self.init(.sidecar, meta: scope.meta, spec: scope.spec) }
}

/// All such objects of a cluster, by reference.
struct TrafficObjects {
    private let byReference: [ObjectReference: TrafficObject]

    init(_ flows: FlowObjects) {
        let all =
            flows.destinationRules.map { TrafficObject($0) }
            + flows.serviceEntries.map { TrafficObject($0) }
            + flows.sidecarScopes.map { TrafficObject($0) }
        byReference = Dictionary(
            all.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(reference: ObjectReference) -> TrafficObject? { byReference[reference] }
}
