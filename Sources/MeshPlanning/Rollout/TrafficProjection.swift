import JSON
import MeshModel

/// The objects that steer traffic, by namespace, with changes applied in time that their namespace takes.
struct TrafficProjection {
    private let flows: FlowObjects
    private var isChanged = false
    private(set) var rules: [String: [DestinationRule]]
    private(set) var entries: [String: [ServiceEntry]]
    private(set) var scopes: [String: [SidecarScope]]

    init(_ flows: FlowObjects) {
        self.flows = flows
        rules = Dictionary(grouping: flows.destinationRules, by: \.meta.namespace)
        entries = Dictionary(grouping: flows.serviceEntries, by: \.meta.namespace)
        scopes = Dictionary(grouping: flows.sidecarScopes, by: \.meta.namespace)
    }

    mutating func write(_ change: TrafficChange) {
        isChanged = true
        let name = change.namespace
        switch change.kind {
        case .destinationRule: rules[name] = (rules[name] ?? []).applying(change)
        case .serviceEntry: entries[name] = (entries[name] ?? []).applying(change)
        case .sidecar: scopes[name] = (scopes[name] ?? []).applying(change)
        }
    }

    var projected: FlowObjects {
        guard isChanged else { return flows }
        var projected = flows
        projected.destinationRules = rules.values.sortedByName
        projected.serviceEntries = entries.values.sortedByName
        projected.sidecarScopes = scopes.values.sortedByName
        return projected
    }
}

/// An object of a namespace that is read from its metadata and its spec.
protocol SpecifiedObject {
    var meta: ObjectMeta { get }
    init(meta: ObjectMeta, spec: JSONValue) throws
}

extension PeerAuthentication: SpecifiedObject {
    init(meta: ObjectMeta, spec: JSONValue) {
        self.init(
            meta: meta, selector: PolicySpec.selector(of: spec), mode: PolicySpec.mode(of: spec),
            portModes: PolicySpec.ports(of: spec), spec: spec)
    }
}

extension DestinationRule: SpecifiedObject {}
extension ServiceEntry: SpecifiedObject {}
extension SidecarScope: SpecifiedObject {}

extension Array where Element: SpecifiedObject {
    /// The objects of one namespace after a change of one of them. A spec that cannot be read is none
    /// that a server would take, so its object stays as it is.
    func applying(_ change: some ImageChange) -> [Element] {
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

extension Dictionary.Values where Value: Collection, Value.Element: SpecifiedObject {
    fileprivate var sortedByName: [Value.Element] {
        flatMap(\.self).sorted {
            ($0.meta.namespace, $0.meta.name) < ($1.meta.namespace, $1.meta.name)
        }
    }
}
