import JSON
import Timing

/// The Deployment controller: one ReplicaSet per template, and a rolling change from old to new
/// (kubernetes `pkg/controller/deployment`).
extension SandboxCluster {
    static let revisionAnnotation = "deployment.kubernetes.io/revision"
    private static let hashLabel = "pod-template-hash"
    private static let sets = SandboxResource.named("replicasets.apps")

    mutating func reconcileDeployment(_ namespace: String, _ name: String) {
        guard let deployment = object("deployments.apps", namespace, name),
            !deployment.isTerminating
        else { return }
        let template = deployment["spec"]?["template"] ?? [:]
        let hash = DeterministicNames.templateHash(template.canonicalText)
        let isPaused = deployment["spec"]?["paused"] == true
        var sets = replicaSets(of: deployment)
        if !sets.contains(where: { $0.labels[Self.hashLabel] == hash }), !isPaused,
            mayStartNew(deployment, sets)
        {
            makeReplicaSet(of: deployment, template, hash, revision: latestRevision(sets) + 1)
            sets = replicaSets(of: deployment)
        }
        let current = sets.first { $0.labels[Self.hashLabel] == hash }
        let old = sets.filter { $0.labels[Self.hashLabel] != hash }
        if let current {
            if isPaused {
                scaleProportionally(deployment, sets)
            } else {
                adoptRevision(deployment, current, old)
                roll(deployment, current, old)
                dropHistory(deployment, old)
            }
        }
        updateStatus(of: deployment, hash: hash)
    }

    private func replicaSets(of deployment: JSONValue) -> [JSONValue] {
        list("replicasets.apps", in: deployment.namespaceName).filter {
            $0.controllerReference?["uid"]?.string == deployment.uid && !$0.isTerminating
        }.sorted { Self.revision($0) < Self.revision($1) }
    }

    private static func revision(_ set: JSONValue) -> Int {
        Int(set.annotations[revisionAnnotation] ?? "") ?? 0
    }

    private func latestRevision(_ sets: [JSONValue]) -> Int {
        sets.map(Self.revision).max() ?? 0
    }

    /// `Recreate` waits until the old pods are gone.
    private mutating func mayStartNew(_ deployment: JSONValue, _ sets: [JSONValue]) -> Bool {
        guard deployment["spec"]?["strategy"]?["type"] == "Recreate" else { return true }
        for set in sets { scale(set, to: 0) }
        return sets.allSatisfy { pods(controlledBy: $0).isEmpty }
    }

    private mutating func makeReplicaSet(
        of deployment: JSONValue, _ template: JSONValue, _ hash: String, revision: Int
    ) {
        var template = template
        template.setLabel(Self.hashLabel, hash)
        var selector = deployment["spec"]?["selector"] ?? [:]
        selector.set(["matchLabels", Self.hashLabel], .string(hash))
        make(
            Self.sets,
            [
                "metadata": [
                    "name": .string("\(deployment.name)-\(hash)"),
                    "labels": JSONValue(template.labels),
                    "annotations": [Self.revisionAnnotation: .string(String(revision))],
                    "ownerReferences": [ownerReference(deployment)],
                ],
                "spec": ["replicas": 0, "selector": selector, "template": template],
            ], in: deployment.namespaceName)
    }

    /// A template that comes back takes the next revision number.
    private mutating func adoptRevision(
        _ deployment: JSONValue, _ current: JSONValue, _ old: [JSONValue]
    ) {
        let revision = max(Self.revision(current), latestRevision(old) + (old.isEmpty ? 0 : 1))
        let text = String(max(revision, 1))
        modify(
            Self.sets, current.namespaceName, current.name, by: "kube-controller-manager",
            subresource: ""
        ) { $0.setAnnotation(Self.revisionAnnotation, text) }
        modify(
            .named("deployments.apps"), deployment.namespaceName, deployment.name,
            by: "kube-controller-manager"
        ) { $0.setAnnotation(Self.revisionAnnotation, text) }
    }

    private mutating func scale(_ set: JSONValue, to replicas: Int) {
        modify(
            Self.sets, set.namespaceName, set.name, by: "kube-controller-manager", subresource: ""
        ) { $0.set(["spec", "replicas"], JSONValue(max(0, replicas))) }
    }

    private func replicas(_ set: JSONValue) -> Int { set["spec"]?["replicas"].int(0) ?? 0 }

    private func available(_ set: JSONValue) -> Int {
        pods(controlledBy: set).count(where: \.isReadyPod)
    }

    /// One step of a rolling update: up to what surge allows, down to what unavailability allows.
    private mutating func roll(
        _ deployment: JSONValue, _ current: JSONValue, _ old: [JSONValue]
    ) {
        let wanted = deployment["spec"]?["replicas"].int(1) ?? 1
        guard deployment["spec"]?["strategy"]?["type"] != "Recreate" else {
            for set in old where replicas(set) > 0 { scale(set, to: 0) }
            if old.allSatisfy({ pods(controlledBy: $0).isEmpty }) { scale(current, to: wanted) }
            return
        }
        let limits = RollingLimits(deployment, replicas: wanted)
        let total = replicas(current) + old.map(replicas).reduce(0, +)
        if replicas(current) > wanted {
            scale(current, to: wanted)
        } else if replicas(current) < wanted {
            let room = max(0, wanted + limits.surge - total)
            scale(current, to: min(wanted, replicas(current) + room))
        }
        scaleDown(old, beside: current, least: wanted - limits.unavailable)
    }

    /// Takes old pods away: first those that do not serve anyway, then as many as are available
    /// above the least (kubernetes `rolling.go:reconcileOldReplicaSets`).
    private mutating func scaleDown(
        _ old: [JSONValue], beside current: JSONValue, least: Int
    ) {
        let newWanted =
            object(Self.sets.qualifiedName, current.namespaceName, current.name).map(replicas) ?? 0
        let newUnavailable = max(0, newWanted - available(current))
        let all = newWanted + old.map(replicas).reduce(0, +)
        var removable = all - least - newUnavailable
        var spare = available(current) + old.map(available).reduce(0, +) - least
        for set in old where replicas(set) > 0 && removable > 0 {
            let broken = max(0, replicas(set) - available(set))
            let cleaned = min(broken, removable)
            let dropped = max(0, min(min(replicas(set) - cleaned, spare), removable - cleaned))
            guard cleaned + dropped > 0 else { continue }
            scale(set, to: replicas(set) - cleaned - dropped)
            removable -= cleaned + dropped
            spare -= dropped
        }
    }

    /// A paused Deployment still follows its `replicas`, with the newest ReplicaSet.
    private mutating func scaleProportionally(_ deployment: JSONValue, _ sets: [JSONValue]) {
        let wanted = deployment["spec"]?["replicas"].int(1) ?? 1
        let active = sets.filter { replicas($0) > 0 }
        guard active.count <= 1, let set = active.first ?? sets.last else { return }
        if replicas(set) != wanted { scale(set, to: wanted) }
    }

    private mutating func dropHistory(_ deployment: JSONValue, _ old: [JSONValue]) {
        let limit = deployment["spec"]?["revisionHistoryLimit"].int(10) ?? 10
        let idle = old.filter { replicas($0) == 0 && pods(controlledBy: $0).isEmpty }
        for set in idle.prefix(max(0, idle.count - limit)) { erase(set, Self.sets) }
    }

    private mutating func updateStatus(of deployment: JSONValue, hash: String) {
        let sets = replicaSets(of: deployment)
        let all = sets.flatMap { pods(controlledBy: $0) }
        let active = all.filter(\.isActivePod)
        let terminating = all.count { $0.isTerminating }
        let counts = DeploymentCounts(
            wanted: deployment["spec"]?["replicas"].int(1) ?? 1, total: active.count,
            updated: active.count { $0.labels[Self.hashLabel] == hash },
            ready: active.count(where: \.isReadyPod), terminating: terminating,
            currentSet: sets.first { $0.labels[Self.hashLabel] == hash }?.name)
        let (time, limits) = (now, RollingLimits(deployment, replicas: counts.wanted))
        modify(
            .named("deployments.apps"), deployment.namespaceName, deployment.name,
            by: "kube-controller-manager"
        ) { $0.setDeploymentStatus(counts, limits, at: time) }
        guard let stored = object("deployments.apps", deployment.namespaceName, deployment.name),
            let deadline = stored.progressDeadline, deadline > now
        else { return }
        pending.add(
            .deployment, at: deadline + .seconds(1), deployment.namespaceName, deployment.name,
            uid: "")
    }
}

/// `maxSurge` and `maxUnavailable` as pods: a percentage of surge rounds up, the other down.
struct RollingLimits {
    let surge: Int
    let unavailable: Int

    init(_ deployment: JSONValue, replicas: Int) {
        let rolling = deployment["spec"]?["strategy"]?["rollingUpdate"]
        surge = Self.pods(rolling?["maxSurge"] ?? "25%", of: replicas, roundsUp: true)
        let down = Self.pods(rolling?["maxUnavailable"] ?? "25%", of: replicas, roundsUp: false)
        unavailable = surge == 0 && down == 0 ? 1 : min(down, replicas)
    }

    static func pods(_ value: JSONValue, of replicas: Int, roundsUp: Bool) -> Int {
        if let text = value.string, text.hasSuffix("%"), let percent = Int(text.dropLast()) {
            let bounded = min(max(percent, 0), 1000)
            let total = min(max(replicas, 0), 1_000_000) * bounded
            return roundsUp ? (total + 99) / 100 : total / 100
        }
        return min(max(value.int(0), 0), 1_000_000)
    }
}
