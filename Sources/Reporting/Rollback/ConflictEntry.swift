package import JSON
import MeshModel
import MeshPlanning

/// An object that somebody else changed after the run: what it was, what we made it, what it is.
package struct ConflictEntry: Encodable, Sendable, Hashable {
    /// One thing that the three disagree on.
    package struct Field: Encodable, Sendable, Hashable {
        package var name: String
        /// null is absence.
        @OrNull package var before: String?
        @OrNull package var ours: String?
        @OrNull package var now: String?
    }

    package var object: String
    package var fields: [Field]
    /// The whole images, `spec` of an object or labels of a namespace; null is absence.
    package var before: JSONValue
    package var ours: JSONValue
    package var now: JSONValue

    init(_ conflict: RollbackConflict) {
        object = conflict.object.text
        before = conflict.before
        ours = conflict.ours
        now = conflict.now
        let kind = conflict.object.kind
        func statements(_ image: JSONValue) -> [String: String] {
            if kind == "PeerAuthentication" { return Self.policy(image) }
            if let kind = TrafficKind(rawValue: kind) { return Self.traffic(image, kind) }
            return image.object?.compactMapValues(\.string) ?? [:]
        }
        let images = (statements(before), statements(ours), statements(now))
        let names = Set(images.0.keys).union(images.1.keys).union(images.2.keys)
        fields = names.sorted().compactMap { name -> Field? in
            let (before, ours, now) = (images.0[name], images.1[name], images.2[name])
            guard before != ours || ours != now else { return nil }
            return Field(name: name, before: before, ours: ours, now: now)
        }
    }

    /// What an object that steers traffic says by field; nothing when it is absent.
    private static func traffic(_ spec: JSONValue, _ kind: TrafficKind) -> [String: String] {
        guard !spec.isNull else { return [:] }
        var fields = Dictionary(
            TrafficDetail.fields(of: spec, kind).map { ($0.name, $0.value) },
            uniquingKeysWith: { first, second in "\(first); \(second)" })
        for (key, value) in TrafficDetail.rest(of: spec, kind) {
            fields["spec.\(key)"] = value.canonicalText
        }
        return fields
    }

    /// What a policy says by field; nothing when it is absent.
    private static func policy(_ spec: JSONValue) -> [String: String] {
        guard !spec.isNull else { return [:] }
        var fields = ["mode": PolicySpec.mode(of: spec).rawValue]
        for (port, mode) in PolicySpec.ports(of: spec) { fields["port \(port)"] = mode.rawValue }
        if let selector = PolicySpec.selector(of: spec) { fields["selector"] = selector.text }
        for (key, value) in spec.object ?? [:]
        where !["mtls", "portLevelMtls", "selector"].contains(key) {
            fields["spec.\(key)"] = value.canonicalText
        }
        return fields
    }
}
