import JSON
import Timing

/// Readers and writers for a Kubernetes object kept as a document.
extension JSONValue {
    var metadata: JSONValue {
        get { self["metadata"] ?? [:] }
        set { self["metadata"] = newValue }
    }
    var name: String { metadata["name"]?.string ?? "" }
    var namespaceName: String { metadata["namespace"]?.string ?? "" }
    var uid: String { metadata["uid"]?.string ?? "" }
    var resourceVersion: String { metadata["resourceVersion"]?.string ?? "" }
    var labels: [String: String] { metadata["labels"]?.stringMap ?? [:] }
    var annotations: [String: String] { metadata["annotations"]?.stringMap ?? [:] }
    var isTerminating: Bool { metadata["deletionTimestamp"] != nil }
    var generation: Int64 { metadata["generation"]?.integer ?? 0 }
    var createdAt: Timestamp? {
        metadata["creationTimestamp"]?.string.flatMap(Timestamp.init(rfc3339:))
    }

    /// The owner that is this object's controller.
    var controllerReference: JSONValue? {
        metadata["ownerReferences"]?.array?.first { $0["controller"]?.bool == true }
    }

    func value(at path: [String]) -> JSONValue? {
        path.reduce(Optional(self)) { value, key in value?[key] }
    }

    /// Writes at a path of member names, making objects on the way; nil removes.
    mutating func set(_ path: [String], _ value: JSONValue?) {
        guard let first = path.first else { return }
        if path.count == 1 {
            if value != nil || self[first] != nil { self[first] = value }
            return
        }
        var child = self[first] ?? [:]
        if value == nil, self[first] == nil { return }
        child.set(Array(path.dropFirst()), value)
        self[first] = child
    }

    mutating func setLabel(_ key: String, _ value: String?) {
        set(["metadata", "labels", key], value.map(JSONValue.string))
    }

    mutating func setAnnotation(_ key: String, _ value: String?) {
        set(["metadata", "annotations", key], value.map(JSONValue.string))
        if metadata["annotations"]?.object?.isEmpty == true {
            set(["metadata", "annotations"], nil)
        }
    }

    /// Without nulls in objects, which the typed server does not keep either.
    var withoutNulls: JSONValue {
        switch self {
        case .object(let members):
            .object(members.filter { !$0.value.isNull }.mapValues(\.withoutNulls))
        case .array(let elements): .array(elements.map(\.withoutNulls))
        default: self
        }
    }
}

extension JSONValue {
    /// Nothing when the condition holds: a member that is to be left out.
    func omitted(if condition: Bool) -> JSONValue? {
        if condition { return Optional.none }
        return self
    }

    init(_ number: Int) { self = .integer(Int64(number)) }

    /// An integer of 32 bits, as nearly all of Kubernetes' are, or the nearest such; `fallback` for what is none.
    func int(_ fallback: Int) -> Int { integer.map { Int(Int32(clamping: $0)) } ?? fallback }
}

extension JSONValue? {
    func int(_ fallback: Int) -> Int { self?.int(fallback) ?? fallback }
}
