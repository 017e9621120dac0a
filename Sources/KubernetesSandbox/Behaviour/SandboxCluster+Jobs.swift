import JSON
import Timing

extension SandboxCluster {
    /// The Job controller: pods until enough of them have succeeded.
    mutating func reconcileJob(_ namespace: String, _ name: String) {
        guard let job = object("jobs.batch", namespace, name), !job.isTerminating else { return }
        let all = pods(controlledBy: job)
        let succeeded = all.count { $0.podPhase == "Succeeded" }
        let active = all.count(where: \.isActivePod)
        let wanted = job["spec"]?["completions"].int(1) ?? 1
        let parallel = min(max(job["spec"]?["parallelism"].int(1) ?? 1, 0), 100)
        let missing = min(parallel, wanted - succeeded) - active
        if missing > 0, job["spec"]?["suspend"] != true {
            for _ in 0..<missing {
                let labels = ["batch.kubernetes.io/job-name": name, "job-name": name]
                guard makePod(from: job["spec"]?["template"] ?? [:], of: job, labels: labels) != nil
                else {
                    schedule(.job, after: retryDelay, namespace, name)
                    break
                }
            }
        }
        let time = now.rfc3339
        let running = pods(controlledBy: job).filter(\.isActivePod)
        let ready = running.count(where: \.isReadyPod)
        modify(.named("jobs.batch"), namespace, name, by: "kube-controller-manager") { job in
            if job["status"]?["startTime"] == nil {
                job.set(["status", "startTime"], .string(time))
            }
            job.set(["status", "active"], JSONValue(running.count).omitted(if: running.isEmpty))
            job.set(["status", "ready"], JSONValue(ready))
            job.set(["status", "succeeded"], JSONValue(succeeded).omitted(if: succeeded == 0))
            guard succeeded >= wanted, job.condition("Complete") == nil else { return }
            job.setCondition("Complete", "True", at: time)
            job.set(["status", "completionTime"], .string(time))
        }
    }
}
