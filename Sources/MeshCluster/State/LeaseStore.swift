import JSON
package import KubernetesClient
import Timing

/// The Lease object: read whole, written only as it was read. Every write names its uid and resourceVersion.
package struct LeaseStore: Sendable {
    package static let name = "meshctl"

    private let namespace: StateNamespace
    private let path: ObjectPath
    private let client: KubernetesClient

    package init(namespace: String, _ client: KubernetesClient) {
        self.namespace = StateNamespace(namespace, client)
        self.client = client
        path = ObjectPath(.leases, namespace: namespace, name: Self.name)
    }

    /// nil where there is none, or no namespace for it.
    package func read() async throws(KubernetesError) -> LeaseRecord? {
        try await client.get(path).map(LeaseRecord.init)
    }

    /// Makes it, and its namespace where that is missing.
    func create(
        heldBy holder: LeaseHolder, at now: Timestamp
    ) async throws(KubernetesError) -> LeaseRecord {
        try await namespace.ensure()
        let object: JSONValue = [
            "apiVersion": .string(path.resource.apiVersion), "kind": .string(path.resource.kind),
            "metadata": [
                "name": .string(Self.name), "namespace": .string(namespace.name),
                "labels": ["app.kubernetes.io/managed-by": "meshctl"],
            ],
            "spec": held(by: holder, at: now, transitions: 0),
        ]
        return LeaseRecord(
            try await client.create(
                path.resource, namespace: namespace.name, object: object, fieldManager: "meshctl"))
    }

    func take(
        _ record: LeaseRecord, for holder: LeaseHolder, at now: Timestamp
    ) async throws(KubernetesError) -> LeaseRecord {
        try await patch(
            record, annotations: [LeaseRecord.Annotation.stopRequested: .null],
            spec: held(by: holder, at: now, transitions: record.transitions + 1))
    }

    /// - Parameter annotations: what changes along with it.
    func renew(
        _ record: LeaseRecord, annotations: JSONValue, at now: Timestamp
    ) async throws(KubernetesError) -> LeaseRecord {
        try await patch(
            record, annotations: annotations, spec: ["renewTime": .string(now.rfc3339Micro)])
    }

    func release(
        _ record: LeaseRecord, annotations: JSONValue
    ) async throws(KubernetesError) -> LeaseRecord {
        var annotations = annotations
        annotations[LeaseRecord.Annotation.stopRequested] = .null
        return try await patch(record, annotations: annotations, spec: ["holderIdentity": .null])
    }

    func requestStop(
        _ record: LeaseRecord, _ request: LeaseRecord.StopRequest
    ) async throws(KubernetesError) -> LeaseRecord {
        try await patch(
            record,
            annotations: [
                LeaseRecord.Annotation.stopRequested: LeaseRecord.annotation(request)
            ], spec: [:])
    }

    /// Takes the lock from its holder, who finds out before its next write. nil where the holder is another
    /// one than in `record`, or none.
    package func breakLock(
        _ record: LeaseRecord, _ note: LeaseRecord.Break
    ) async throws(KubernetesError) -> LeaseRecord? {
        var record = record
        while true {
            do throws(KubernetesError) {
                return try await patch(
                    record,
                    annotations: [
                        LeaseRecord.Annotation.broken: LeaseRecord.annotation(note),
                        LeaseRecord.Annotation.stopRequested: .null,
                    ], spec: ["holderIdentity": .null])
            } catch {
                guard error.isStaleLease else { throw error }
                // Renewed meanwhile: still the same one's.
                guard let found = try await read(), found.holder == record.holder else {
                    return nil
                }
                record = found
            }
        }
    }

    private func held(
        by holder: LeaseHolder, at now: Timestamp, transitions: Int64
    ) -> JSONValue {
        [
            "holderIdentity": .string(holder.text),
            "leaseDurationSeconds": .integer(LeaseRecord.usualSeconds),
            "acquireTime": .string(now.rfc3339Micro), "renewTime": .string(now.rfc3339Micro),
            "leaseTransitions": .integer(transitions),
        ]
    }

    private func patch(
        _ record: LeaseRecord, annotations: JSONValue, spec: JSONValue
    ) async throws(KubernetesError) -> LeaseRecord {
        LeaseRecord(
            try await client.mergePatch(
                path,
                patch: [
                    "metadata": [
                        "uid": .string(record.uid),
                        "resourceVersion": .string(record.resourceVersion),
                        "annotations": annotations,
                    ],
                    "spec": spec,
                ], fieldManager: "meshctl"))
    }
}

extension KubernetesError {
    /// The Lease is not as it was read, or there is another one: nothing was written.
    var isStaleLease: Bool {
        guard let status else { return false }
        return status.isConflict || status.isAlreadyExists || status.isUIDMismatch
            || status.isMissingObject
    }
}
