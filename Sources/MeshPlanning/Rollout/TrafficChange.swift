import JSON
import MeshModel

/// The kinds of object, besides policies, that a plan writes: what clients send, which hosts there are
/// outside, and which hosts a namespace knows.
package enum TrafficKind: String, Sendable, Hashable, Codable, CaseIterable {
    case destinationRule = "DestinationRule"
    case serviceEntry = "ServiceEntry"
    case sidecar = "Sidecar"
}

/// A DestinationRule, ServiceEntry or Sidecar written, changed or deleted; a nil image is absence.
package struct TrafficChange: Sendable, Hashable, Codable {
    package var kind: TrafficKind
    package var namespace: String
    package var name: String
    /// Empty while the object does not exist.
    package var uid: String
    package var before: PolicyImage?
    package var after: PolicyImage?
    /// Somebody else's object, taken over in place with `adopt: true`.
    package var isAdopted: Bool

    package init(
        _ kind: TrafficKind, namespace: String, name: String, uid: String, before: PolicyImage?,
        after: PolicyImage?, isAdopted: Bool = false
    ) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.before = before
        self.after = after
        self.isAdopted = isAdopted
    }

    package var object: ObjectReference {
        ObjectReference(kind: kind.rawValue, namespace: namespace, name: name)
    }
}

/// A change of one object from image to image, whatever its kind.
package protocol ImageChange: Sendable {
    var namespace: String { get }
    var name: String { get }
    var uid: String { get }
    var before: PolicyImage? { get }
    var after: PolicyImage? { get }
    var isAdopted: Bool { get }
}

extension PolicyChange: ImageChange {}
extension TrafficChange: ImageChange {}

extension TrafficChange {
    /// Whether it may change what the proxies that know a host make of it: a ServiceEntry or DestinationRule that
    /// names the host, before the change or after it.
    func names(host: String) -> Bool {
        hosts.contains { $0.covers(host) } || (hasAddresses && IPRange(host) != nil)
    }

    /// Exact, or with a leading `*`; of a `Sidecar` none.
    var hosts: Set<String> {
        let named =
            switch kind {
            case .serviceEntry: specs.flatMap { $0["hosts"]?.array ?? [] }
            case .destinationRule: specs.compactMap { $0["host"] }
            case .sidecar: [JSONValue]()
            }
        return Set(named.compactMap(\.string))
    }

    var hasAddresses: Bool {
        kind == .serviceEntry && specs.contains { $0["addresses"]?.array?.isEmpty == false }
    }

    private var specs: [JSONValue] { [before, after].compactMap { $0?.spec } }
}
