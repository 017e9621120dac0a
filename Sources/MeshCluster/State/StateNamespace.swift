import JSON
package import KubernetesClient
import MeshModel

/// The namespace that holds what meshctl keeps in the cluster: the Lease and the checkpoints. One of its own,
/// never the mesh's root namespace, whose secrets are the mesh's CA key.
package struct StateNamespace: Sendable {
    package static let usual = "meshctl-system"
    /// The value of `LabelKeys.kind`.
    static let kind = "state"

    package let name: String
    private let client: KubernetesClient

    package init(_ name: String, _ client: KubernetesClient) {
        self.name = name
        self.client = client
    }

    /// Makes the namespace where it is missing.
    package func ensure() async throws(KubernetesError) {
        let path = ObjectPath(.namespaces, name: name)
        guard try await client.get(path) == nil else { return }
        do throws(KubernetesError) {
            _ = try await client.create(
                .namespaces,
                object: [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": [
                        "name": .string(name),
                        "labels": [
                            LabelKeys.managedBy: .string(LabelKeys.managedByMeshctl),
                            LabelKeys.kind: .string(Self.kind),
                        ],
                    ],
                ], fieldManager: "meshctl")
        } catch {
            // Another meshctl was faster, or the answer was lost.
            if error.status?.isAlreadyExists == true { return }
            guard error.isInDoubt, try await client.get(path) != nil else { throw error }
        }
    }
}

extension MeshState {
    /// Leaves out the namespace of what meshctl keeps for itself: it is no part of the mesh, for as long as
    /// nothing else is in it.
    mutating func leaveOutStateNamespace() {
        let used = Set(
            pods.map(\.meta.namespace) + workloads.map(\.meta.namespace)
                + peerAuthentications.map(\.meta.namespace) + flows.services.map(\.meta.namespace))
        namespaces.removeAll {
            $0.meta.labels[LabelKeys.kind] == StateNamespace.kind && !used.contains($0.name)
        }
    }
}
