import JSON
import MeshModel

/// The objects that steer traffic, by namespace, while changes are applied to them.
struct TrafficProjection {
    private let flows: FlowObjects
    private var rulesByNamespace: [String: [DestinationRule]]
    private var entriesByNamespace: [String: [ServiceEntry]]
    private var scopesByNamespace: [String: [SidecarScope]]
    private var changed: Set<TrafficKind> = []

    init(_ flows: FlowObjects) {
        self.flows = flows
        rulesByNamespace = Dictionary(grouping: flows.destinationRules, by: \.meta.namespace)
        entriesByNamespace = Dictionary(grouping: flows.serviceEntries, by: \.meta.namespace)
        scopesByNamespace = Dictionary(grouping: flows.sidecarScopes, by: \.meta.namespace)
    }

    func rules(in namespace: String) -> [DestinationRule] { rulesByNamespace[namespace] ?? [] }

    func scopes(in namespace: String) -> [SidecarScope] { scopesByNamespace[namespace] ?? [] }

    mutating func write(_ change: TrafficChange) {
        changed.insert(change.kind)
        let name = change.namespace
        switch change.kind {
        case .destinationRule: rulesByNamespace[name] = rules(in: name).applying(change)
        case .serviceEntry:
            entriesByNamespace[name] = (entriesByNamespace[name] ?? []).applying(change)
        case .sidecar: scopesByNamespace[name] = scopes(in: name).applying(change)
        }
    }

    /// Lists that nothing changed stay in the order that they came in.
    var projected: FlowObjects {
        var projected = flows
        if changed.contains(.destinationRule) {
            projected.destinationRules = Self.sorted(rulesByNamespace)
        }
        if changed.contains(.serviceEntry) {
            projected.serviceEntries = Self.sorted(entriesByNamespace)
        }
        if changed.contains(.sidecar) {
            projected.sidecarScopes = Self.sorted(scopesByNamespace)
        }
        return projected
    }

    private static func sorted<Object: SteeringObject>(
        _ objects: [String: [Object]]
    ) -> [Object] {
        objects.values.flatMap(\.self).sorted {
            ($0.meta.namespace, $0.meta.name) < ($1.meta.namespace, $1.meta.name)
        }
    }
}

/// An object that its `spec` says all about.
protocol SteeringObject {
    var meta: ObjectMeta { get }

    init(meta: ObjectMeta, spec: JSONValue) throws
}

extension DestinationRule: SteeringObject {}
extension ServiceEntry: SteeringObject {}
extension SidecarScope: SteeringObject {}

extension Array where Element: SteeringObject {
    /// The objects of one namespace after a change of one of them.
    ///
    /// A spec that cannot be read is none that a server would take: the object stays as it is.
    func applying(_ change: TrafficChange) -> [Element] {
        let old = first { $0.meta.name == change.name }
        let rest = filter { $0.meta.name != change.name }
        guard let image = change.after else { return rest }
        var meta = old?.meta ?? ObjectMeta(name: change.name, namespace: change.namespace)
        meta.labels = image.labels
        meta.annotations = image.annotations
        guard let object = try? Element(meta: meta, spec: image.spec) else { return self }
        return rest + [object]
    }
}
