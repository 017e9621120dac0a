package import KubernetesClient
package import MeshPlanning
import JSON
import MeshModel

/// Turns a change into the one request that makes it, always with `metadata.uid` and
/// `metadata.resourceVersion` as just read: a write that would meet anything else is refused by the server.
package struct ChangeWriter: Sendable {
    private let client: KubernetesClient
    private let plan: String

    /// - Parameter plan: the plan's name, empty for a run of none; the field manager is `meshctl/<plan>`, or
    ///   that of the plan that made the object.
    package init(_ client: KubernetesClient, plan: String) {
        self.client = client
        self.plan = plan
    }

    package func write(_ intent: StepIntent) async throws(KubernetesError) -> WriteReceipt {
        switch intent.change {
        case .labels(let change): try await write(change, intent)
        case .restart(let change): try await write(change, intent)
        case .policy(let change): try await write(change, at: ObjectPath(intent.change), intent)
        case .traffic(let change): try await write(change, at: ObjectPath(intent.change), intent)
        }
    }

    /// A merge patch: null removes, which server-side apply cannot do to a label that kubectl set.
    private func write(
        _ change: NamespaceLabelChange, _ intent: StepIntent
    ) async throws(KubernetesError) -> WriteReceipt {
        let labels = change.after.mapValues { $0.map(JSONValue.string) ?? .null }
        var metadata = preconditions(intent)
        metadata["labels"] = .object(labels)
        return try await patch(
            ObjectPath(.namespaces, name: change.namespace), ["metadata": metadata])
    }

    private func write(
        _ change: WorkloadRestart, _ intent: StepIntent
    ) async throws(KubernetesError) -> WriteReceipt {
        var template: JSONValue = [
            "annotations": [LabelKeys.restartedAt: .string(intent.restartedAt)]
        ]
        if let label = change.templateLabel {
            template["labels"] = [label.key: label.after.map(JSONValue.string) ?? .null]
        }
        return try await patch(
            ObjectPath(change.workload),
            [
                "metadata": preconditions(intent),
                "spec": ["template": ["metadata": template]],
            ])
    }

    private func write(
        _ change: some ImageChange, at path: ObjectPath, _ intent: StepIntent
    ) async throws(KubernetesError) -> WriteReceipt {
        guard let after = change.after else {
            try await client.delete(
                path,
                preconditions: KubernetesClient.Preconditions(
                    uid: intent.uid, resourceVersion: intent.resourceVersion))
            return WriteReceipt(uid: intent.uid, resourceVersion: "")
        }
        if change.isAdopted, let before = change.before {
            // Somebody else's object: only what differs, under the owner's name.
            var patch: JSONValue = ["metadata": preconditions(intent)]
            patch["spec"] = before.spec.mergePatch(to: after.spec)
            return try await self.patch(path, patch)
        }
        return try await apply(change, after, intent, at: path)
    }

    /// Server-side apply, also for creation: an object made by POST would belong to another operation
    /// of the same manager, and the next apply would conflict with ourselves.
    ///
    /// Where the object must not exist yet, a resourceVersion that no object has makes the server refuse
    /// one that appeared meanwhile (409), and create it otherwise.
    private func apply(
        _ change: some ImageChange, _ after: PolicyImage, _ intent: StepIntent, at path: ObjectPath
    ) async throws(KubernetesError) -> WriteReceipt {
        let isNew = intent.uid.isEmpty
        var metadata: JSONValue =
            isNew ? ["resourceVersion": Self.noObjectsVersion] : preconditions(intent)
        metadata["name"] = .string(change.name)
        metadata["namespace"] = .string(change.namespace)
        let ours = after.labels.filter {
            isNew || $0.key == LabelKeys.managedBy || $0.key == LabelKeys.plan
        }
        metadata["labels"] = JSONValue(ours)
        if isNew, !after.annotations.isEmpty {
            metadata["annotations"] = JSONValue(after.annotations)
        }
        let object: JSONValue = [
            "apiVersion": .string(path.resource.apiVersion), "kind": .string(path.resource.kind),
            "metadata": metadata, "spec": after.spec,
        ]
        let owner = after.labels[LabelKeys.plan] ?? plan
        return receipt(
            try await client.apply(path, object: object, fieldManager: Self.fieldManager(owner)))
    }

    /// etcd's first revision, which belongs to no object that a client can have made.
    private static let noObjectsVersion: JSONValue = "1"

    private func preconditions(_ intent: StepIntent) -> JSONValue {
        ["uid": .string(intent.uid), "resourceVersion": .string(intent.resourceVersion)]
    }

    private func patch(
        _ path: ObjectPath, _ patch: JSONValue
    ) async throws(KubernetesError) -> WriteReceipt {
        receipt(
            try await client.mergePatch(
                path, patch: patch, fieldManager: Self.fieldManager(plan)))
    }

    private static func fieldManager(_ plan: String) -> String {
        plan.isEmpty ? "meshctl" : "meshctl/\(plan)"
    }

    private func receipt(_ object: JSONValue) -> WriteReceipt {
        WriteReceipt(
            uid: object[path: "metadata", "uid"]?.string ?? "",
            resourceVersion: object[path: "metadata", "resourceVersion"]?.string ?? "")
    }
}
