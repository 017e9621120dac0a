import JSON
package import KubernetesClient
import MeshModel
package import MeshPlanning
import Timing

/// The checkpoints in the state namespace.
package struct CheckpointStore: Sendable {
    private let namespace: StateNamespace
    private let client: KubernetesClient

    /// A write whose answer is lost, or that meets something of the same name, is tried this often.
    private static let attemptLimit = 5
    private static let fieldManager = "meshctl"

    package init(_ namespace: StateNamespace, _ client: KubernetesClient) {
        self.namespace = namespace
        self.client = client
    }

    /// Oldest first. None while there is no such namespace.
    package func entries() async throws(KubernetesError) -> [CheckpointEntry] {
        let found = try await client.list(
            .configMaps, namespace: namespace.name,
            labelSelector: "\(LabelKeys.kind)=\(CheckpointPart.kind)",
            decoder: CheckpointMetadata.decoder)
        return CheckpointEntry.all(in: found?.items ?? [])
    }

    /// - Parameter clusterUID: the cluster's that is read from.
    package func read(
        _ entry: CheckpointEntry, clusterUID: String
    ) async throws(KubernetesError) -> Result<Checkpoint, CheckpointError> {
        var parts: [CheckpointPart] = []
        for object in entry.objects.prefix(CheckpointPart.maximumCount) {
            let found = try await client.get(path(object.name))
            guard let found else { continue }
            guard let part = CheckpointPart(configMap: found) else {
                return .failure(
                    error(entry.run, object.name, .damaged("it is no part of a checkpoint")))
            }
            parts.append(part)
        }
        do throws(CheckpointError.Problem) {
            let checkpoint = try Checkpoint(decoding: try CheckpointPart.joined(parts))
            let header = checkpoint.header
            guard header.id == entry.run else { throw .ofRun(header.id) }
            guard header.clusterUID == clusterUID else { throw .ofCluster(header.clusterUID) }
            return .success(checkpoint)
        } catch {
            let number =
                switch error {
                case .partMissing(let number, _), .partOfAnother(let number): number
                default: 0
                }
            let name = CheckpointPart.name(of: entry.run, number)
            return .failure(self.error(entry.run, name, error))
        }
    }

    /// Writes all parts; those that are there already stay. What a stopped writer left is completed.
    ///
    /// - Throws: `KubernetesError`, or `CheckpointError` where it is too large.
    package func keep(_ checkpoint: Checkpoint, _ status: CheckpointStatus) async throws {
        let header = checkpoint.header
        let parts: [CheckpointPart]
        do throws(CheckpointError.Problem) {
            parts = try CheckpointPart.split(try checkpoint.encoded())
        } catch {
            throw self.error(header.id, CheckpointPart.name(of: header.id, 0), error)
        }
        try await namespace.ensure()
        let others = try await entries().filter { $0.run != header.id }
        // Whoever may write there may have written any number.
        let sequence = (others.map(\.sequence).max() ?? 0).addingClamped(1)
        for part in parts {
            try await keep(
                part, name: CheckpointPart.name(of: header.id, part.number),
                part.configMap(
                    of: header, in: namespace.name, sequence: sequence, status: status))
        }
    }

    private func keep(
        _ part: CheckpointPart, name: String, _ object: JSONValue
    ) async throws(KubernetesError) {
        var attempt = 1
        while true {
            do throws(KubernetesError) {
                _ = try await client.create(
                    .configMaps, namespace: namespace.name, object: object,
                    fieldManager: Self.fieldManager)
                return
            } catch {
                guard error.status?.isAlreadyExists == true || error.isInDoubt else { throw error }
                if let found = try await client.get(path(name)) {
                    if CheckpointPart(configMap: found) == part { return }
                    try await remove(found, name: name)
                }
                guard attempt < Self.attemptLimit else { throw error }
                attempt += 1
            }
        }
    }

    /// Notes how a run ended. A run without a checkpoint is a `NotFound` status.
    package func mark(
        _ run: RunID, _ status: CheckpointStatus
    ) async throws(KubernetesError) {
        let name = CheckpointPart.name(of: run, 0)
        let annotations: JSONValue = [CheckpointPart.Keys.status: .string(status.rawValue)]
        do throws(KubernetesError) {
            _ = try await client.mergePatch(
                path(name), patch: ["metadata": ["annotations": annotations]],
                fieldManager: Self.fieldManager)
        } catch {
            guard error.isInDoubt, let found = try await client.get(path(name)),
                found[path: "metadata", "annotations", CheckpointPart.Keys.status]?.string
                    == status.rawValue
            else { throw error }
        }
    }

    /// The first part goes last: what is left of a deletion that was stopped is still listed.
    package func delete(_ entry: CheckpointEntry) async throws(KubernetesError) {
        for object in entry.objects.reversed() {
            try await delete(object)
        }
    }

    private func remove(_ found: JSONValue, name: String) async throws(KubernetesError) {
        try await delete(
            CheckpointEntry.Object(
                name: name, uid: found[path: "metadata", "uid"]?.string ?? "",
                resourceVersion: found[path: "metadata", "resourceVersion"]?.string ?? ""))
    }

    private func delete(_ object: CheckpointEntry.Object) async throws(KubernetesError) {
        do throws(KubernetesError) {
            try await client.delete(
                path(object.name),
                preconditions: .init(uid: object.uid, resourceVersion: object.resourceVersion))
        } catch {
            guard error.status?.isNotFound == true else { throw error }
        }
    }

    private func path(_ name: String) -> ObjectPath {
        ObjectPath(.configMaps, namespace: namespace.name, name: name)
    }

    private func error(
        _ run: RunID, _ name: String, _ problem: CheckpointError.Problem
    ) -> CheckpointError {
        CheckpointError(run: run, configMap: "\(namespace.name)/\(name)", problem: problem)
    }
}
