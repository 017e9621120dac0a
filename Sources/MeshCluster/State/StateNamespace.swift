import JSON
package import KubernetesClient

/// The namespace that holds what meshctl keeps in the cluster: the Lease and the checkpoints. One of its own,
/// never the mesh's root namespace, whose secrets are the mesh's CA key.
package struct StateNamespace: Sendable {
    package static let usual = "meshctl-system"

    package let name: String
    private let client: KubernetesClient

    package init(_ name: String, _ client: KubernetesClient) {
        self.name = name
        self.client = client
    }

    /// Makes the namespace where it is missing.
    package func ensure() async throws(KubernetesError) {
        guard try await client.get(ObjectPath(.namespaces, name: name)) == nil else { return }
        do throws(KubernetesError) {
            _ = try await client.create(
                .namespaces,
                object: [
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": [
                        "name": .string(name),
                        "labels": ["app.kubernetes.io/managed-by": "meshctl"],
                    ],
                ], fieldManager: "meshctl")
        } catch {
            // Another meshctl was faster.
            guard error.status?.isAlreadyExists == true else { throw error }
        }
    }
}
