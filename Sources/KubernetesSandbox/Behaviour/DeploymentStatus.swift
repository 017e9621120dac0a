import JSON
import Timing

/// A Deployment's pods, counted.
struct DeploymentCounts {
    var wanted: Int
    var total: Int
    var updated: Int
    var ready: Int
    var terminating: Int
    /// The ReplicaSet of the present template.
    var currentSet: String?

    var isComplete: Bool { updated == wanted && total == wanted && ready == wanted }
}

extension JSONValue {
    mutating func setDeploymentStatus(
        _ counts: DeploymentCounts, _ limits: RollingLimits, at now: Timestamp
    ) {
        let progressed =
            counts.updated > self["status"]?["updatedReplicas"].int(0) ?? 0
            || counts.ready > self["status"]?["readyReplicas"].int(0) ?? 0
            || counts.total < self["status"]?["replicas"].int(0) ?? 0
        func count(_ name: String, _ value: Int) {
            set(["status", name], JSONValue(value).omitted(if: value == 0))
        }
        set(["status", "observedGeneration"], .integer(generation))
        count("replicas", counts.total)
        count("updatedReplicas", counts.updated)
        count("readyReplicas", counts.ready)
        count("availableReplicas", counts.ready)
        count("unavailableReplicas", max(0, counts.wanted, counts.total) - counts.ready)
        set(["status", "terminatingReplicas"], JSONValue(counts.terminating))
        let isAvailable = counts.ready >= counts.wanted - limits.unavailable
        setCondition(
            "Available", isAvailable ? "True" : "False", at: now.rfc3339,
            reason: isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            message: isAvailable
                ? "Deployment has minimum availability."
                : "Deployment does not have minimum availability.", updateTime: true)
        setProgress(counts, progressed: progressed, at: now)
    }

    private mutating func setProgress(
        _ counts: DeploymentCounts, progressed: Bool, at now: Timestamp
    ) {
        if self["spec"]?["paused"] == true {
            setCondition(
                "Progressing", "Unknown", at: now.rfc3339, reason: "DeploymentPaused",
                message: "Deployment is paused", updateTime: true)
            return
        }
        let name = counts.currentSet ?? ""
        if counts.isComplete {
            setCondition(
                "Progressing", "True", at: now.rfc3339, reason: "NewReplicaSetAvailable",
                message: "ReplicaSet \"\(name)\" has successfully progressed.", updateTime: true)
        } else if let deadline = progressDeadline, now > deadline, !progressed {
            setCondition(
                "Progressing", "False", at: now.rfc3339, reason: "ProgressDeadlineExceeded",
                message: "ReplicaSet \"\(name)\" has timed out progressing.", updateTime: true)
        } else if condition("Progressing")?["reason"] != "ProgressDeadlineExceeded" || progressed {
            if progressed { dropCondition("Progressing") }
            setCondition(
                "Progressing", "True", at: now.rfc3339, reason: "ReplicaSetUpdated",
                message: "ReplicaSet \"\(name)\" is progressing.", updateTime: true)
        }
    }

    /// So that the next writing of it carries a new update time.
    private mutating func dropCondition(_ type: String) {
        let rest = (self["status"]?["conditions"]?.array ?? []).filter {
            $0["type"]?.string != type
        }
        set(["status", "conditions"], .array(rest))
    }

    /// When a rollout that goes no further counts as failed; nil for one that is done.
    var progressDeadline: Timestamp? {
        guard let condition = condition("Progressing"), condition["status"] == "True",
            condition["reason"] != "NewReplicaSetAvailable",
            let updated = condition["lastUpdateTime"]?.string.flatMap(Timestamp.init(rfc3339:))
        else { return nil }
        let seconds = self["spec"]?["progressDeadlineSeconds"].int(600) ?? 600
        return updated + .seconds(min(max(seconds, 0), 1_000_000))
    }
}
