import MeshModel

/// The flow objects that changes are applied to; the lists are only arranged once one of them changes.
struct TrafficProjection {
    private let flows: FlowObjects
    private var written: [ObjectReference: TrafficChange] = [:]

    init(_ flows: FlowObjects) { self.flows = flows }

    mutating func write(_ change: TrafficChange) { written[change.object] = change }

    var projected: FlowObjects {
        guard !written.isEmpty else { return flows }
        var projected = flows
        projected.destinationRules = merged(
            flows.destinationRules, .destinationRule, meta: \.meta
        ) { try DestinationRule(meta: $0, spec: $1.spec) }
        projected.serviceEntries = merged(
            flows.serviceEntries, .serviceEntry, meta: \.meta
        ) { try ServiceEntry(meta: $0, spec: $1.spec) }
        projected.sidecarScopes = merged(
            flows.sidecarScopes, .sidecar, meta: \.meta
        ) { try SidecarScope(meta: $0, spec: $1.spec) }
        return projected
    }

    /// A spec that cannot be read is none that a server would take, so its object stays as it is.
    private func merged<Object>(
        _ objects: [Object], _ kind: TrafficKind, meta: (Object) -> ObjectMeta,
        read: (ObjectMeta, PolicyImage) throws -> Object
    ) -> [Object] {
        let changes = written.values.filter { $0.kind == kind }
        guard !changes.isEmpty else { return objects }
        var byName = Dictionary(
            objects.map { (Name(meta($0)), $0) }, uniquingKeysWith: { first, _ in first })
        for change in changes {
            let name = Name(namespace: change.namespace, name: change.name)
            guard let image = change.after else {
                byName[name] = nil
                continue
            }
            var meta =
                byName[name].map(meta)
                ?? ObjectMeta(name: change.name, namespace: change.namespace)
            meta.labels = image.labels
            meta.annotations = image.annotations
            if let object = try? read(meta, image) { byName[name] = object }
        }
        return byName.sorted { $0.key < $1.key }.map(\.value)
    }

    private struct Name: Hashable, Comparable {
        var namespace: String
        var name: String

        init(namespace: String, name: String) {
            self.namespace = namespace
            self.name = name
        }

        init(_ meta: ObjectMeta) { self.init(namespace: meta.namespace, name: meta.name) }

        static func < (a: Name, b: Name) -> Bool {
            (a.namespace, a.name) < (b.namespace, b.name)
        }
    }
}
