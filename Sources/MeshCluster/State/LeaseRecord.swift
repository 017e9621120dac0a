import Foundation
package import JSON
package import MeshPlanning
package import Timing

/// The Lease as it was read: who holds the cluster's lock, which run is open, and who asks for the lock.
///
/// Source: `staging/src/k8s.io/api/coordination/v1/types.go` in Kubernetes.
package struct LeaseRecord: Sendable, Hashable {
    /// The run that is not at its end, for those whose journal does not know it.
    package struct OpenRun: Sendable, Hashable, Codable {
        package var id: RunID
        /// `apply` or `rollback`
        package var kind: String
        package var plan: String
        package var startedBy: String

        package init(id: RunID, kind: String, plan: String, startedBy: String) {
            self.id = id
            self.kind = kind
            self.plan = plan
            self.startedBy = startedBy
        }

        package init(_ header: RunHeader) {
            self.init(
                id: header.id, kind: header.kind.rawValue, plan: header.plan,
                startedBy: header.startedBy)
        }
    }

    /// Somebody wants the lock.
    package struct StopRequest: Sendable, Hashable, Codable {
        /// A holder's sentence.
        package var by: String
        package var why: String
    }

    /// The lock was taken from its holder by hand.
    package struct Break: Sendable, Hashable, Codable {
        /// `user@host`
        package var by: String
        package var why: String
        /// RFC 3339, by the clock of who broke it.
        package var at: String
        /// The line of who held it.
        package var held: String

        package init(by: String, why: String, at: String, held: String) {
            self.by = by
            self.why = why
            self.at = at
            self.held = held
        }
    }

    package let uid: String
    package let resourceVersion: String
    /// nil for a Lease that is free.
    package let holder: LeaseHolder?
    /// By the holder's clock: to be shown, and compared with nothing but itself.
    package let acquiredAt: Timestamp?
    package let renewedAt: Timestamp?
    package let transitions: Int64
    /// For how long it has to be seen unchanged.
    package let duration: Duration
    package let openRun: OpenRun?
    package let stopRequest: StopRequest?
    package let broken: Break?

    package init(_ object: JSONValue) {
        let metadata = object["metadata"] ?? [:]
        let spec = object["spec"] ?? [:]
        let annotations = metadata["annotations"]?.stringMap ?? [:]
        uid = metadata["uid"]?.string ?? ""
        resourceVersion = metadata["resourceVersion"]?.string ?? ""
        let identity = spec["holderIdentity"]?.string ?? ""
        holder = identity.isEmpty ? nil : LeaseHolder(text: identity)
        acquiredAt = spec["acquireTime"]?.string.flatMap { Timestamp(rfc3339: $0) }
        renewedAt = spec["renewTime"]?.string.flatMap { Timestamp(rfc3339: $0) }
        transitions = max(0, spec["leaseTransitions"]?.integer ?? 0)
        // Whoever writes the object writes this, too: nobody may lock others out for years.
        let seconds = spec["leaseDurationSeconds"]?.integer ?? Self.usualSeconds
        duration = .seconds(min(max(seconds, 5), 60))
        openRun = annotations[Annotation.run].map { text in
            Self.value(OpenRun.self, text)
                ?? OpenRun(id: RunID("?"), kind: "?", plan: "?", startedBy: "?")
        }
        stopRequest = annotations[Annotation.stopRequested].map { text in
            Self.value(StopRequest.self, text) ?? StopRequest(by: "?", why: text)
        }
        broken = annotations[Annotation.broken].flatMap { Self.value(Break.self, $0) }
    }

    static let usualSeconds: Int64 = 15

    enum Annotation {
        static let run = "meshctl.dev/run"
        static let stopRequested = "meshctl.dev/stop-requested"
        static let broken = "meshctl.dev/lock-broken"
    }

    private static func value<T: Decodable>(_ type: T.Type, _ text: String) -> T? {
        try? JSONValue(parsing: Array(text.utf8)).decoded(as: type)
    }

    /// An annotation's text; null takes the annotation away.
    static func annotation(_ value: (some Encodable)?) -> JSONValue {
        guard let value, let document = try? JSONValue(encoding: value) else { return .null }
        return .string(document.canonicalText)
    }
}
