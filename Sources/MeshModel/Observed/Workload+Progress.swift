/// How far a controller's pods are, by its status.
package enum RolloutProgress: Sendable, Hashable {
    case complete
    /// `done` pods of the workload are new and available.
    case waiting(done: Int, why: String)
    /// Waiting longer will not help.
    case stuck(why: String)
    /// There is no status, as in manifests.
    case unknown
}

extension Workload {
    /// Whether its rollout is complete, as `kubectl rollout status` judges it
    /// (kubernetes `staging/src/k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go`). Pods that only a
    /// deletion would replace, by `OnDelete` or a partition, are not waited for.
    package var progress: RolloutProgress {
        guard status.generation > 0 || status.observedGeneration > 0 else { return .unknown }
        guard status.observedGeneration >= status.generation else {
            return .waiting(done: 0, why: "its controller has not seen it yet")
        }
        if status.deadlineExceeded { return .stuck(why: "exceeded its progress deadline") }
        // A ReplicaSet has no new and old pods, and counts none.
        let replacesPods = kind != .replicaSet && updateStrategy != "OnDelete"
        let wanted = replacesPods ? max(0, replicas - partition) : 0
        let hasOldPods =
            replacesPods && partition == 0 && status.totalReplicas > status.updatedReplicas
        guard status.updatedReplicas >= wanted, status.availableReplicas >= replicas, !hasOldPods
        else {
            let why =
                "\(status.updatedReplicas) of \(replicas) pods are new, "
                + "\(status.availableReplicas) available"
            return .waiting(
                done: min(status.updatedReplicas, status.availableReplicas),
                why: isPaused ? "it is paused; \(why)" : why)
        }
        return .complete
    }
}
