import JSON
package import Timing

/// A stream of changes that one client asked for.
package struct SandboxWatch: Sendable {
    private let scope: WatchScope
    private let filter: ListFilter
    private let representation: Representation
    /// The cluster's time at which the stream ends.
    package internal(set) var deadline: Timestamp
    /// What is sent at once.
    package internal(set) var initial: [UInt8] = []
    /// Changes up to this resourceVersion have been told, or were not asked for.
    var since: Int64 = 0

    /// The part of a request's scope that can be kept beside it.
    struct WatchScope: Sendable {
        let resource: SandboxResource
        let version: String
    }

    init(
        scope: RequestScope, filter: ListFilter, representation: Representation,
        deadline: Timestamp
    ) {
        self.scope = WatchScope(resource: scope.resource, version: scope.version)
        self.filter = filter
        self.representation = representation
        self.deadline = deadline
    }

    /// The lines to send for a change that was made after the watch began; often none.
    package func frames(for change: SandboxChange, now: Timestamp) -> [UInt8] {
        guard change.key.resource == scope.resource.qualifiedName,
            change.resourceVersion > since
        else { return [] }
        let before = change.old.flatMap { $0.omitted(if: !filter.matches($0)) }
        let after = change.new.flatMap { $0.omitted(if: !filter.matches($0)) }
        switch (before, after) {
        case (nil, let object?): return frame("ADDED", object, now: now)
        case (_?, let object?): return frame("MODIFIED", object, now: now)
        case (var object?, nil):
            object.set(
                ["metadata", "resourceVersion"], .string(String(change.resourceVersion)))
            return frame("DELETED", object, now: now)
        case (nil, nil): return []
        }
    }

    func frame(_ type: String, _ object: JSONValue, now: Timestamp) -> [UInt8] {
        switch representation {
        case .full: return Self.line(type, presented(object))
        case .metadata: return Self.line(type, Representation.partial(object))
        case .table:
            return Self.line(
                type,
                Table(scope.resource, includes: "Metadata", now: now).document(
                    [object], metadata: ["resourceVersion": .string(object.resourceVersion)]))
        }
    }

    func bookmark(_ version: Int64, endsInitialEvents: Bool) -> [UInt8] {
        var metadata: JSONValue = ["resourceVersion": .string(String(version))]
        if endsInitialEvents { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        return Self.line("BOOKMARK", presented(["metadata": metadata]))
    }

    private func presented(_ object: JSONValue) -> JSONValue {
        var object = object
        object["kind"] = .string(scope.resource.kind)
        object["apiVersion"] = .string(scope.resource.apiVersion(scope.version))
        return object
    }

    static func line(_ type: String, _ object: JSONValue) -> [UInt8] {
        JSONValue.object(["type": .string(type), "object": object]).canonicalBytes + [0x0A]
    }
}
