package import MeshPlanning

/// A checkpoint that cannot be kept or used.
package struct CheckpointError: Error, Sendable, Hashable {
    package enum Problem: Error, Sendable, Hashable {
        /// Counted from 0.
        case partMissing(Int, of: Int)
        /// A part that belongs to other parts than the first one does.
        case partOfAnother(Int)
        case damaged(String)
        /// It holds more than `Checkpoint.maximumBytes`, or has more parts than that takes.
        case tooLarge
        /// Written by a newer meshctl, with this format.
        case newer(String)
        /// Of the cluster whose `kube-system` has this uid.
        case ofCluster(String)
        /// Under the name of another run than its own.
        case ofRun(RunID)
    }

    package var run: RunID
    /// The ConfigMap, or the first of them, as `NAMESPACE/NAME`.
    package var configMap: String
    package var problem: Problem

    package init(run: RunID, configMap: String, problem: Problem) {
        self.run = run
        self.configMap = configMap
        self.problem = problem
    }
}
