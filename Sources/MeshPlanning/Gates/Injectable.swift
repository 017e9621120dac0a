package import MeshModel

/// New pods of these workloads, under the labels that their namespace is about to have, are admitted.
package struct Injectable: Sendable, Hashable, Codable {
    package var workloads: [WorkloadID]
    /// By namespace: labels that the rollout sets before these pods come up; nil is absence.
    package var labels: [String: [String: String?]]

    package init(workloads: [WorkloadID], labels: [String: [String: String?]]) {
        self.workloads = workloads
        self.labels = labels
    }
}
